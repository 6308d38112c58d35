"""Public views: they fetch, ask and render. The moment they answer for is `request.at`."""
