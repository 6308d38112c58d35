/* What is pasted from Word, a mail or a web page becomes Markdown; plain text stays as it is. */
(function () {
  "use strict";
  var text = window.editorText;
  var PATIENCE = 8000;
  // Marks of a text with a structure. Editors of code colour their text with other ones.
  var STRUCTURE = /<(p|h[1-6]|ul|ol|li|table|a|b|strong|i|em|br)[\s>]/i;

  // Word puts its style sheets before what was copied, and pictures as long addresses into it.
  function copied(html) {
    var found = /<!--\s*StartFragment\s*-->([\s\S]*)<!--\s*EndFragment\s*-->/i.exec(html);
    return (found ? found[1] : html).replace(/(["'])data:[^"']*\1/gi, '""');
  }

  function convert(address, token, html) {
    var patience = new AbortController();
    var timer = window.setTimeout(function () { patience.abort(); }, PATIENCE);
    return window.fetch(address, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "text/html; charset=utf-8", "X-CSRFToken": token },
      body: html,
      redirect: "error",
      signal: patience.signal
    }).then(function (response) {
      if (!response.ok) { throw new Error(String(response.status)); }
      return response.text();
    }).finally(function () { window.clearTimeout(timer); });
  }

  document.addEventListener("paste", function (event) {
    var field = event.target;
    if (!(field instanceof Element) || !field.classList.contains("markdownx-editor")) { return; }
    var editor = field.closest(".editor");
    var html = event.clipboardData.getData("text/html");
    var plain = event.clipboardData.getData("text/plain");
    if (!html || !STRUCTURE.test(html) || field.readOnly) { return; }
    event.preventDefault();
    field.readOnly = true; // nothing is typed between what was copied and where it belongs
    field.setAttribute("aria-busy", "true");
    convert(editor.dataset.paste, text.token(field), copied(html)).then(function (markdown) {
      return [markdown, editor.dataset.pasted];
    }, function () {
      return [plain, editor.dataset.pastedPlain];
    }).then(function (found) {
      field.readOnly = false;
      field.removeAttribute("aria-busy");
      var lead = found[0].indexOf("\n") < 0 ? "" : text.gap(field);
      text.insert(field, lead + found[0]);
      text.warn(editor, "");
      text.say(editor, found[1]);
    });
  }, true);
})();
