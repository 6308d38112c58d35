/* What the editor's scripts share: writing into a text so that Undo takes it back, and saying
   something to those who do not see it. */
(function () {
  "use strict";

  // Puts text in place of the selection.
  function insert(field, text, selectFrom, selectTo) {
    var start = field.selectionStart;
    field.focus();
    if (!document.execCommand || !document.execCommand("insertText", false, text)) {
      field.setRangeText(text);
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
    if (selectFrom === undefined) { selectFrom = selectTo = text.length; }
    field.setSelectionRange(start + selectFrom, start + selectTo);
  }

  function selected(field) {
    return field.value.slice(field.selectionStart, field.selectionEnd);
  }

  // The line ends that are missing before something that stands in a paragraph of its own.
  function gap(field) {
    var before = field.value.slice(0, field.selectionStart);
    return before === "" || /\n\n$/.test(before) ? "" : /\n$/.test(before) ? "\n" : "\n\n";
  }

  function block(field, text, selectFrom, selectTo) {
    var lead = gap(field);
    insert(field, lead + text + "\n", lead.length + selectFrom, lead.length + selectTo);
  }

  // One short sentence for screen readers; the same one twice is two events.
  function say(editor, words) {
    var place = editor.querySelector(".editor-said");
    place.textContent = "";
    window.setTimeout(function () { place.textContent = words; }, 50);
  }

  function warn(editor, words) {
    editor.querySelector(".editor-warning").textContent = words;
  }

  function token(field) {
    return field.form.elements.csrfmiddlewaretoken.value;
  }

  window.editorText = {
    insert: insert, selected: selected, gap: gap, block: block, say: say, warn: warn, token: token
  };
})();
