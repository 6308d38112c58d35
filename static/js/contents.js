/* Marks the question that is being read in the contents, and keeps it in sight there. */
(function () {
  "use strict";
  var list = document.querySelector(".whole .contents-list");
  if (!list || !window.IntersectionObserver || !Element.prototype.closest) { return; }

  var links = new Map(), current = null, held = 0;
  function mark(link) {
    if (link === current) { return; }
    if (current) { current.removeAttribute("aria-current"); }
    current = link;
    link.setAttribute("aria-current", "true");
    // The list alone is scrolled, and never under the hands of somebody who uses it.
    if (list.matches(":hover") || list.contains(document.activeElement)) { return; }
    if (list.scrollHeight <= list.clientHeight) { return; }
    var box = list.getBoundingClientRect(), place = link.getBoundingClientRect();
    if (place.top < box.top + 48 || place.bottom > box.bottom - 48) {
      list.scrollTop += place.top - box.top - box.height / 3;
    }
  }

  // What crosses a line near the top of the window is what is being read.
  var observer = new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (entry.isIntersecting && Date.now() > held) { mark(links.get(entry.target)); }
    });
  }, { rootMargin: "-12% 0px -87% 0px" });

  // Where a link led is marked, even if the page ends too soon for it to reach the line.
  function arrive() {
    links.forEach(function (link) {
      if (link.hash === location.hash) {
        held = Date.now() + 300;
        mark(link);
      }
    });
  }

  Array.prototype.forEach.call(list.querySelectorAll("a"), function (link) {
    var heading = document.getElementById(link.getAttribute("href").slice(1));
    if (!heading) { return; }
    var place = heading.closest(".question, .reach, .group > h2") || heading;
    links.set(place, link);
    observer.observe(place);
  });
  window.addEventListener("hashchange", arrive);
  arrive();
})();
