/* A form that decides something is sent once, however often its button is pressed. */
(function () {
  "use strict";
  document.querySelectorAll("form[data-once]").forEach(function (form) {
    var sent = false;
    form.addEventListener("submit", function (event) {
      if (sent) { event.preventDefault(); }
      sent = true;
      form.setAttribute("aria-busy", "true");
    });
  });
  // A page brought back by the Back button must work again.
  window.addEventListener("pageshow", function (event) {
    if (event.persisted) { window.location.reload(); }
  });
})();
