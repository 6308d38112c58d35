/* Shows the ways in that use a passkey where there can be one, and says when one was not used. */
(function () {
  "use strict";
  function show(name, shown) {
    document.querySelectorAll("[data-passkey" + name + "]").forEach(function (element) {
      element.hidden = !shown;
    });
  }
  // Browsers have passkeys for names only, never for numbered addresses.
  var numbered = /^[0-9.]+$|^\[/.test(window.location.hostname);
  var possible = Boolean(window.PublicKeyCredential) && !numbered;
  show("", possible);
  show("-unavailable", !possible);
  // The Enter key does what the button does: there is nothing to send before it.
  document.querySelectorAll("form[data-passkey-click]").forEach(function (form) {
    form.addEventListener("submit", function (event) {
      event.preventDefault();
      document.getElementById(form.dataset.passkeyClick).click();
    });
  });
  document.addEventListener("allauth.error", function (event) {
    event.preventDefault();
    show("-failed", true);
  });
})();
