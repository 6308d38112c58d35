/* Words selected in a question are put into the comment on it. Without this they are typed. */
(function () {
  "use strict";
  var chosen = { place: null, words: "" };
  // Opening the form loses the selection, so it is remembered while it is there.
  document.addEventListener("selectionchange", function () {
    var selection = document.getSelection();
    var words = selection.toString().trim();
    var start = selection.anchorNode && selection.anchorNode.parentElement;
    if (words && start && !start.closest("form")) {
      chosen = { place: start.closest("[data-item]"), words: words.slice(0, 2000) };
    }
  });
  document.querySelectorAll("[data-item] .flow-comment").forEach(function (details) {
    details.addEventListener("toggle", function () {
      var quote = details.querySelector("textarea[name=quote]");
      if (!details.open) { return; }
      if (chosen.words && chosen.place === details.closest("[data-item]") && !quote.value) {
        quote.value = chosen.words;
      }
      details.querySelector("textarea[name=text]").focus();
    });
  });
})();
