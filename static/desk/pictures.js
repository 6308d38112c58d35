/* Pictures, where they are switched on: chosen, pasted or dropped, and none without words. */
(function () {
  "use strict";
  var text = window.editorText;

  function send(address, token, file) {
    var body = new FormData();
    body.append("picture", file);
    return window.fetch(address, {
      method: "POST",
      credentials: "same-origin",
      headers: { "X-CSRFToken": token },
      body: body,
      redirect: "error"
    }).then(function (response) {
      return response.text().then(function (words) {
        if (response.ok) { return words; }
        throw new Error(/^text\/plain/.test(response.headers.get("Content-Type")) ? words : "");
      });
    });
  }

  function Pictures(editor) {
    var field = editor.querySelector("textarea.markdownx-editor");
    var panel = editor.querySelector(".editor-picture");
    var opener = editor.querySelector("[data-picture]");
    var chosen = panel.querySelector("input[type=file]");
    var words = panel.querySelector("input[type=text]");
    var sending = false;

    function show(isOpen) {
      panel.hidden = !isOpen;
      opener.setAttribute("aria-expanded", String(isOpen));
    }

    function close() {
      chosen.value = words.value = "";
      show(false);
      text.warn(editor, "");
      field.focus();
    }

    function add() {
      if (sending) { return; }
      var said = words.value.replace(/\s+/g, " ").trim();
      if (!chosen.files.length) { text.warn(editor, panel.dataset.noFile); chosen.focus(); return; }
      if (!said) { text.warn(editor, panel.dataset.noWords); words.focus(); return; }
      sending = true;
      send(editor.dataset.pictures, text.token(field), chosen.files[0]).then(function (address) {
        close();
        var markdown = "![" + said.replace(/[\\[\]]/g, "\\$&") + "](" + address + ")";
        text.insert(field, text.gap(field) + markdown + "\n");
        text.say(editor, panel.dataset.added);
      }, function (failed) {
        text.warn(editor, failed instanceof TypeError || !failed.message
          ? panel.dataset.failed : failed.message);
      }).finally(function () { sending = false; });
    }

    // Enter would send the whole form.
    words.addEventListener("keydown", function (event) {
      if (event.key === "Enter") { event.preventDefault(); add(); }
    });
    panel.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { show(false); opener.focus(); }
    });
    panel.querySelector("[data-add-picture]").addEventListener("click", add);
    panel.querySelector("[data-no-picture]").addEventListener("click", close);
    opener.addEventListener("click", function () {
      show(panel.hidden);
      if (!panel.hidden) { chosen.focus(); }
    });
    editor.addEventListener("editor:files", function (event) {
      event.preventDefault();
      chosen.files = event.detail;
      show(true);
      words.focus();
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    document.querySelectorAll(".editor[data-pictures]").forEach(function (editor) {
      new Pictures(editor);
    });
  });
})();
