/* "Link" beside a question is a plain link. Where it can, a click copies its address as well. */
(function () {
  "use strict";

  // Where a blocker has hidden what a link leads to (a cookie-notice, say), nothing would happen.
  function land() {
    var target = document.querySelector(":target");
    if (target && !target.getClientRects().length) { target.parentNode.scrollIntoView(); }
  }
  window.addEventListener("hashchange", land);
  window.addEventListener("load", function () {
    if (window.pageYOffset === 0) { land(); } // or the page was loaded again, and stays where it was
  });

  var copied = document.currentScript && document.currentScript.getAttribute("data-copied");
  if (!copied || !navigator.clipboard || !Element.prototype.closest) { return; }

  // There before it speaks: screen readers announce changes of what they know already.
  var status = document.createElement("p");
  status.className = "skip"; // out of sight
  status.setAttribute("role", "status");
  document.body.appendChild(status);

  var shown = null, words = "", timer = 0;
  function restore() {
    if (shown) { shown.textContent = words; }
    shown = null;
    status.textContent = "";
  }

  document.addEventListener("click", function (event) {
    var link = event.target.closest("a.copy");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) { return; }
    navigator.clipboard.writeText(link.href).then(function () {
      clearTimeout(timer);
      restore();
      shown = link;
      words = link.textContent;
      link.textContent = status.textContent = copied;
      timer = setTimeout(restore, 4000);
    }, function () { /* It is still a link. */ });
  });
})();
