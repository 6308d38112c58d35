/* The desk's list of questions: what was done is said aloud, and a mouse may drag. All of it
   can be done with the buttons too, and each way posts the same form. */
(function () {
  "use strict";

  // Messages stand on the page from its start, where screen readers pass over them.
  var messages = document.querySelector(".messagelist");
  if (messages) {
    var aloud = document.createElement("div");
    aloud.className = "visually-hidden";
    aloud.setAttribute("role", "status");
    document.body.appendChild(aloud);
    window.setTimeout(function () { aloud.textContent = messages.textContent; }, 300);
  }

  var list = document.getElementById("desk-questions");
  var form = document.getElementById("desk-drop");
  if (!list || !form || !window.matchMedia("(any-pointer: fine)").matches) { return; }

  var dragged = null;
  var mark = null;

  list.querySelectorAll("[data-question]").forEach(function (row) {
    var handle = document.createElement("span");
    handle.className = "desk-handle";
    handle.draggable = true;
    handle.title = list.dataset.handle;
    handle.setAttribute("aria-hidden", "true");
    handle.textContent = "⠿";
    handle.addEventListener("dragstart", function (event) {
      dragged = row;
      row.classList.add("desk-dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", row.dataset.question);
      event.dataTransfer.setDragImage(row, 0, 0);
    });
    handle.addEventListener("dragend", function () {
      row.classList.remove("desk-dragged");
      show(null);
      dragged = null;
    });
    row.insertBefore(handle, row.firstChild);
  });

  // Where the pointer is: before a question, or at the end of a section (before nothing).
  function placeAt(event) {
    var section = event.target.closest && event.target.closest("[data-section]");
    if (!section) { return null; }
    var rows = Array.prototype.slice.call(section.querySelectorAll("[data-question]"));
    var next = rows.filter(function (row) {
      var box = row.getBoundingClientRect();
      return event.clientY < box.top + box.height / 2;
    })[0];
    return { section: section, next: next || null, last: rows[rows.length - 1] || null };
  }

  function show(place) {
    if (mark) { mark.classList.remove("desk-before", "desk-after"); }
    mark = place && (place.next || place.last || place.section);
    if (mark) { mark.classList.add(place.next ? "desk-before" : "desk-after"); }
  }

  list.addEventListener("dragover", function (event) {
    var place = dragged && placeAt(event);
    if (!place) { return; }
    event.preventDefault();
    event.dataTransfer.dropEffect = "move";
    show(place);
  });

  list.addEventListener("drop", function (event) {
    var place = dragged && placeAt(event);
    if (!place) { return; }
    event.preventDefault();
    var stays = place.section.contains(dragged) &&
      (place.next === dragged || (place.next || null) === nextRow(dragged));
    if (stays) { return; }
    fill("item", "question:" + dragged.dataset.question);
    fill("section", place.section.dataset.section);
    fill("before", place.next ? place.next.dataset.question : "");
    form.submit();
  });

  function fill(name, value) {
    form.querySelector("[name=" + name + "]").value = value;
  }

  function nextRow(row) {
    var next = row.nextElementSibling;
    return next && next.dataset.question ? next : null;
  }
})();
