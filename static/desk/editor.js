/* The Markdown editor's buttons and preview, and what the editor package must not do. */
(function () {
  "use strict";
  var text = window.editorText;

  function isEditor(element) {
    return element instanceof Element && element.classList.contains("markdownx-editor");
  }

  // The package takes the Tab key and some shortcuts for itself; keyboard users must get out
  // of the field (WCAG 2.1.2), so it never hears of keys. Nor does it hear of what is dropped
  // or pasted, which it would upload: paste.js and pictures.js see to that.
  document.addEventListener("keydown", function (event) {
    if (isEditor(event.target)) { event.stopPropagation(); }
  }, true);
  ["dragover", "dragenter"].forEach(function (type) {
    document.addEventListener(type, function (event) {
      if (isEditor(event.target)) { event.stopPropagation(); }
    }, true);
  });
  ["drop", "paste"].forEach(function (type) {
    document.addEventListener(type, function (event) {
      if (!isEditor(event.target)) { return; }
      var data = event.dataTransfer || event.clipboardData;
      var editor = event.target.closest(".editor");
      event.stopPropagation();
      if (data && data.files.length && !data.getData("text/plain")) {
        event.preventDefault();
        var taken = new CustomEvent("editor:files", { detail: data.files, cancelable: true });
        if (editor.dispatchEvent(taken)) { text.warn(editor, editor.dataset.noFiles); }
      }
    }, true);
  });

  function around(field, mark) {
    var words = text.selected(field);
    text.insert(field, mark + words + mark, mark.length, mark.length + words.length);
  }

  function line(field, mark) {
    var start = field.value.lastIndexOf("\n", field.selectionStart - 1) + 1;
    field.setSelectionRange(start, field.selectionEnd);
    text.insert(field, text.selected(field).split("\n").map(function (each, index) {
      return (mark === "1. " ? (index + 1) + ". " : mark) + each;
    }).join("\n"));
  }

  function link(field, address) {
    var words = text.selected(field);
    var from = words ? words.length + 3 : 1;
    var written = "[" + words + "](" + address + ")";
    text.insert(field, written, from, words ? from + address.length : 1);
  }

  function linkToQuestion(field, editor) {
    var chosen = editor.querySelector(".editor-picker select").value;
    var words = text.selected(field);
    // In angle brackets a name may have any character that names may have.
    var address = /[()\\*_[\]!~^|]/.test(chosen) ? "<#" + chosen + ">" : "#" + chosen;
    text.insert(field, "[" + words + "](" + address + ")", 1, 1 + words.length);
  }

  function press(button, field, editor) {
    var data = button.dataset;
    if ("around" in data) { around(field, data.around); }
    if ("line" in data) { line(field, data.line); }
    if ("block" in data) { text.block(field, data.block, 2, 2); }
    if ("link" in data) { link(field, data.link); }
    if ("container" in data) {
      var open = "::: " + data.container + "\n";
      var words = text.selected(field);
      text.block(field, open + words + "\n:::", open.length, open.length + words.length);
    }
    if ("question" in data) { linkToQuestion(field, editor); }
  }

  // The preview says that it is new, once whoever types has paused. It does not read itself out.
  function announcePreview(editor, field) {
    var edited = false, paused;
    field.addEventListener("input", function () { edited = true; });
    editor.addEventListener("markdownx.update", function (event) {
      var preview = editor.querySelector(".markdownx-preview");
      if (/^\s*<!doctype/i.test(event.detail[0])) { // a page to log in on, in place of the text
        preview.textContent = editor.dataset.loggedOut;
        return;
      }
      if (!edited) { return; }
      window.clearTimeout(paused);
      paused = window.setTimeout(function () {
        edited = false;
        text.say(editor, editor.dataset.updated);
      }, 1000);
    });
    editor.addEventListener("markdownx.updateError", function () {
      text.say(editor, editor.dataset.notUpdated);
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".editor").forEach(function (editor) {
      var field = editor.querySelector("textarea");
      editor.querySelector(".editor-buttons").hidden = false;
      announcePreview(editor, field);
      editor.addEventListener("click", function (event) {
        var button = event.target.closest(".editor-buttons button");
        if (button) { press(button, field, editor); }
      });
      var picker = editor.querySelector(".editor-picker select");
      if (picker) {
        picker.addEventListener("keydown", function (event) {
          if (event.key === "Enter") {
            event.preventDefault();
            linkToQuestion(field, editor);
          }
        });
      }
    });
  });
})();
