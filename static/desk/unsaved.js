/* What is typed and not saved is kept in this browser until it is saved, offered back after a
   crash, and warned about on leaving. Each opened form has a place of its own, so two tabs on one
   question do not write over one another. */
(function () {
  "use strict";
  var PREFIX = "desk-text:";
  var LONGEST = 7 * 24 * 60 * 60 * 1000;
  var store;
  try { store = window.localStorage; store.getItem(PREFIX); } catch (refused) { return; }

  function read(key) {
    try { return JSON.parse(store.getItem(key)); } catch (broken) { return null; }
  }

  function keys(prefix) {
    return Object.keys(store).filter(function (key) { return key.startsWith(prefix); });
  }

  function drop(key) { store.removeItem(key); }

  // What was saved, and what nobody came back for.
  function tidy() {
    keys(PREFIX).forEach(function (key) {
      var entry = read(key);
      var name = key.slice(key.lastIndexOf(":") + 1);
      var saved = document.querySelector(".messagelist .saved-" + CSS.escape(name));
      if (!entry || saved || Date.now() - entry.at > LONGEST) { drop(key); }
    });
  }

  function Keeper(notice) {
    var form = notice.closest("form");
    var name = Array.from(window.crypto.getRandomValues(new Uint8Array(8)), function (byte) {
      return byte.toString(16).padStart(2, "0");
    }).join("");
    var item = PREFIX + notice.dataset.user + ":" + notice.dataset.item + ":";
    var own = item + name;
    var waiting = null, leaving = false, ended = false;

    function fields() {
      return Array.from(form.elements).filter(function (field) {
        return field.name && !["csrfmiddlewaretoken", "_unsaved"].includes(field.name) &&
          !["submit", "button", "file"].includes(field.type);
      });
    }

    function values() {
      var found = {};
      fields().forEach(function (field) { found[field.name] = field.value; });
      return found;
    }

    // As the server sent it; a browser may have put other text into the fields since.
    function sent(field) {
      if (field.options) {
        var chosen = Array.from(field.options).find(function (each) {
          return each.defaultSelected;
        });
        return (chosen || field.options[0] || { value: "" }).value;
      }
      return field.defaultValue;
    }

    function isChanged() {
      return notice.dataset.changed === "yes" || fields().some(function (field) {
        return field.type !== "hidden" && field.value !== sent(field);
      });
    }

    function keep() {
      window.clearTimeout(waiting);
      waiting = null;
      if (ended) { return; }
      if (!isChanged()) { drop(own); return; }
      try {
        store.setItem(own, JSON.stringify({ at: Date.now(), fields: values() }));
      } catch (full) { /* the warning on leaving still stands */ }
    }

    function said(moment) {
      var date = new Date(moment);
      var today = date.toDateString() === new Date().toDateString();
      var form = today ? { timeStyle: "short" } : { dateStyle: "long", timeStyle: "short" };
      return date.toLocaleString(document.documentElement.lang || undefined, form);
    }

    function button(words, action) {
      var made = document.createElement("button");
      made.type = "button";
      made.textContent = words;
      made.addEventListener("click", action);
      return made;
    }

    function restore(entry) {
      fields().forEach(function (field) {
        if (!(field.name in entry.fields)) { return; }
        field.value = entry.fields[field.name];
        field.dispatchEvent(new Event("input", { bubbles: true }));
      });
      keep();
    }

    function offer(key, entry) {
      var line = document.createElement("p");
      var words = document.createElement("span");
      words.textContent = notice.dataset.found.replace("{time}", said(entry.at));
      var revision = form.elements.started_from;
      if (revision && entry.fields.started_from !== revision.value) {
        words.textContent += " " + notice.dataset.older;
      }
      function done() {
        drop(key);
        line.remove();
        notice.hidden = !notice.children.length;
        form.querySelector("input:not([type=hidden]), textarea").focus();
      }
      line.append(words, " ", button(notice.dataset.restore, function () {
        restore(entry);
        done();
      }), " ", button(notice.dataset.discard, done));
      notice.append(line);
      notice.hidden = false;
    }

    function isSame(entry) {
      return fields().every(function (field) {
        return field.type === "hidden" || !(field.name in entry.fields) ||
          entry.fields[field.name].replace(/\r\n/g, "\n") === field.value;
      });
    }

    keys(item).map(function (key) { return [key, read(key)]; }).sort(function (a, b) {
      return b[1].at - a[1].at;
    }).forEach(function (found) {
      if (isSame(found[1])) { drop(found[0]); } else { offer(found[0], found[1]); }
    });

    var mark = document.createElement("input");
    mark.type = "hidden";
    mark.name = "_unsaved";
    mark.value = name;
    form.append(mark);
    keep();

    form.addEventListener("input", function () {
      ended = false;
      if (waiting === null) { waiting = window.setTimeout(keep, 400); }
    });
    form.addEventListener("change", keep);
    form.addEventListener("submit", function () {
      keep();
      leaving = true;
    });
    window.addEventListener("pagehide", keep);
    window.addEventListener("pageshow", function () { leaving = false; });
    window.addEventListener("beforeunload", function (event) {
      keep();
      if (!leaving && isChanged()) { event.preventDefault(); event.returnValue = ""; }
    });
    this.end = function () { ended = true; };
  }

  document.addEventListener("DOMContentLoaded", function () {
    tidy();
    var notice = document.querySelector("[data-unsaved]");
    var keeper = notice && new Keeper(notice);
    // Whoever logs out leaves nothing of theirs behind.
    document.addEventListener("submit", function (event) {
      var form = event.target;
      if (form.id !== "logout-form" && !/\/logout\/$/.test(form.action)) { return; }
      if (keeper) { keeper.end(); }
      keys(PREFIX).forEach(drop);
    });
  });
})();
