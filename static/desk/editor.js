/* The Markdown editor's buttons, and what the editor package must not do. */
(function () {
  "use strict";

  function isEditor(element) {
    return element instanceof Element && element.classList.contains("markdownx-editor");
  }

  // The package takes the Tab key and some shortcuts for itself; keyboard users must get out
  // of the field (WCAG 2.1.2), so it never hears of keys.
  document.addEventListener("keydown", function (event) {
    if (isEditor(event.target)) { event.stopPropagation(); }
  }, true);

  // It would upload what is dropped or pasted. Pictures have no place here; text has.
  ["drop", "paste"].forEach(function (type) {
    document.addEventListener(type, function (event) {
      if (!isEditor(event.target)) { return; }
      var data = event.dataTransfer || event.clipboardData;
      event.stopPropagation();
      if (data && data.files.length) {
        event.preventDefault();
        var editor = event.target.closest(".editor");
        editor.querySelector(".editor-warning").textContent =
          editor.dataset.noFiles;
      }
    }, true);
  });
  ["dragover", "dragenter"].forEach(function (type) {
    document.addEventListener(type, function (event) {
      if (isEditor(event.target)) { event.stopPropagation(); }
    }, true);
  });

  // Puts text in place of the selection so that the browser's own Undo takes it back.
  function replaceSelection(field, text, selectFrom, selectTo) {
    var start = field.selectionStart;
    field.focus();
    if (!document.execCommand || !document.execCommand("insertText", false, text)) {
      field.setRangeText(text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    field.setSelectionRange(start + selectFrom, start + selectTo);
  }

  function selected(field) {
    return field.value.slice(field.selectionStart, field.selectionEnd);
  }

  function around(field, mark) {
    var text = selected(field);
    replaceSelection(field, mark + text + mark, mark.length, mark.length + text.length);
  }

  function line(field, mark) {
    var start = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
    field.setSelectionRange(start, field.selectionEnd);
    var text = selected(field).split("\n").map(function (each, index) {
      return (mark === "1. " ? (index + 1) + ". " : mark) + each;
    }).join("\n");
    replaceSelection(field, text, text.length, text.length);
  }

  function block(field, text, selectFrom, selectTo) {
    var before = field.value.slice(0, field.selectionStart);
    var lead = before === "" || /\n\n$/.test(before) ? "" : /\n$/.test(before) ? "\n" : "\n\n";
    replaceSelection(field, lead + text + "\n", lead.length + selectFrom, lead.length + selectTo);
  }

  function link(field, address) {
    var text = selected(field);
    var written = "[" + text + "](" + address + ")";
    var from = text ? text.length + 3 : 1;
    replaceSelection(field, written, from, text ? from + address.length : 1);
  }

  function press(button, field, editor) {
    var data = button.dataset;
    if ("around" in data) { around(field, data.around); }
    if ("line" in data) { line(field, data.line); }
    if ("block" in data) { block(field, data.block, 2, 2); }
    if ("link" in data) { link(field, data.link); }
    if ("container" in data) {
      var open = "::: " + data.container + "\n";
      var text = selected(field);
      block(field, open + text + "\n:::", open.length, open.length + text.length);
    }
    if ("question" in data) {
      var chosen = editor.querySelector(".editor-picker select").value;
      var label = selected(field);
      replaceSelection(field, "[" + label + "](#" + chosen + ")", 1, 1 + label.length);
    }
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".editor").forEach(function (editor) {
      var field = editor.querySelector("textarea");
      editor.querySelector(".editor-buttons").hidden = false;
      editor.addEventListener("click", function (event) {
        var button = event.target.closest(".editor-buttons button");
        if (button) { press(button, field, editor); }
      });
    });
  });
})();
