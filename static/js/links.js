/* "Link to this answer" is a plain link. Where it can, a click copies the address as well. */
(function () {
  "use strict";
  if (!navigator.clipboard) { return; }
  document.addEventListener("click", function (event) {
    var link = event.target.closest ? event.target.closest("a[data-copied]") : null;
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    navigator.clipboard.writeText(link.href).then(function () {
      var said = link.nextElementSibling;
      if (!said || said.getAttribute("role") !== "status") {
        said = document.createElement("span");
        said.setAttribute("role", "status");
        link.parentNode.insertBefore(said, link.nextSibling);
      }
      said.textContent = " " + link.getAttribute("data-copied");
    }, function () { /* It is still a link. */ });
  });
})();
