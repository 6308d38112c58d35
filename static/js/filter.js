/* Finds questions while a reader types, in place of the contents. The form works without this, and
   the rule is that of faq/search.py: one table of cases holds both to it. Nothing that is typed
   leaves the browser. */
(function () {
  "use strict";
  var form = document.querySelector("form.find");
  var contents = document.querySelector(".find ~ details");
  if (!form || !contents || !window.fetch || !"".normalize) { return; }

  var leftOut, separators, inside;
  try { // Browsers that do not know these classes of signs leave the form to the server.
    leftOut = new RegExp("[\\u00ad\\u0300-\\u036f\\u0591-\\u05bd\\u05bf-\\u05c7\\u0610-\\u061a" +
      "\\u0640\\u064b-\\u065f\\u0670\\u06d6-\\u06ed\\u200c-\\u200f\\u2060\\ufeff]", "gu");
    separators = new RegExp("[^\\p{L}\\p{M}\\p{N}]+", "gu");
    inside = new RegExp("([\\u0590-\\u06ff\\u0e00-\\u0fff\\u1000-\\u109f\\u1780-\\u17ff" +
      "\\u3005-\\u30ff\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]+)", "gu");
  } catch (error) { return; }

  // The rule

  var WEIGHTS = [27, 9, 3, 1];
  var ENDINGS = ["INGS", "ING", "ED", "EN", "ES", "S", "E"];

  function words(text) {
    var plain = text.normalize("NFKD").replace(leftOut, "").toLowerCase().toUpperCase();
    var apart = plain.normalize("NFC").replace(separators, " ").replace(inside, " $1 ").trim();
    return apart ? apart.split(/ +/) : [];
  }

  var FILLING = new Set(words(
    "a about am an and any are as at be by can could did do does for from has have how i if in is " +
    "it its me my of on or our please s shall should t that the their them there they this to us " +
    "want was we were what when where which who why will with would you your"
  ));

  function stem(word) {
    for (var i = 0; i < ENDINGS.length; i++) {
      var left = word.length - ENDINGS[i].length;
      if (left >= 3 && word.lastIndexOf(ENDINGS[i]) === left) {
        word = word.slice(0, left);
        break;
      }
    }
    return word.replace(/Y$/, "I").replace(/([A-Z])\1$/, "$1");
  }

  // Each word with its stem and, for each question that has it, the best place where it stands.
  var vocabulary = new Map(), questions = [], known = new Map();

  function add(place, field, text) {
    words(text).forEach(function (word) {
      var entry = vocabulary.get(word);
      if (!entry) { vocabulary.set(word, entry = { stem: stem(word), fields: new Map() }); }
      if (!(entry.fields.get(place) <= field)) { entry.fields.set(place, field); }
    });
  }

  function pointsOf(asked) {
    if (known.has(asked)) { return known.get(asked); }
    var points = new Map(), root = stem(asked), anywhere = asked.search(inside) >= 0;
    vocabulary.forEach(function (entry, word) {
      var whole = word === asked || entry.stem === root, at = whole ? 0 : word.indexOf(asked);
      if (at === 0 || (anywhere && at > 0)) {
        entry.fields.forEach(function (field, place) {
          var weight = WEIGHTS[field] * (whole ? 2 : 1);
          points.set(place, Math.max(points.get(place) || 0, weight));
        });
      }
    });
    known.set(asked, points);
    return points;
  }

  function asAlsoAsked(asked, phrases) {
    var query = " " + asked.join(" "), best = 0;
    phrases.forEach(function (phrase) {
      if (phrase === query) {
        best = 2;
      } else if (!best && ((asked.length > 1 && phrase.indexOf(query) >= 0) ||
          (phrase.split(" ").length > 2 && (query + " ").indexOf(phrase + " ") >= 0))) {
        best = 1;
      }
    });
    return best;
  }

  function find(query) {
    var asked = words(query);
    var different = Array.from(new Set(asked)), points = different.map(pointsOf);
    var telling = points.filter(function (each, number) {
      return !FILLING.has(different[number]) && 2 * each.size <= questions.length;
    });
    var needed = telling.length ? telling : points;
    function has(place) { return function (each) { return each.has(place); }; }
    var found = questions.filter(function (question) {
      return needed.every(has(question.place));
    });
    var hasAll = needed.length > 0 && found.length > 0;
    if (!hasAll) {
      found = questions.filter(function (question) { return needed.some(has(question.place)); });
    }
    found = found.map(function (question) {
      var sum = points.reduce(function (total, each) {
        var weight = each.get(question.place);
        return weight ? total + weight * Math.floor(questions.length / each.size) : total;
      }, 0);
      return { question: question, phrase: asAlsoAsked(asked, question.phrases), sum: sum };
    }).sort(function (a, b) {
      return b.phrase - a.phrase || b.sum - a.sum || a.question.place - b.question.place;
    });
    return { questions: found.map(function (each) { return each.question; }), hasAll: hasAll };
  }

  // The page

  var field = form.elements.q, around = form.parentNode, ready = false, begun = false, timer = 0;
  var box = around.querySelector(".found") || document.createElement("div");
  box.className = "found";
  around.insertBefore(box, form.nextSibling);
  var status = document.createElement("p");
  status.setAttribute("role", "status");

  function say(what, count) {
    clearTimeout(timer);
    var text = what ? form.getAttribute("data-" + what) + (count ? " " + count : "") : "";
    if (!text) { status.textContent = ""; return; }
    timer = setTimeout(function () { status.textContent = text; }, 300); // not at every letter
  }

  function listOf(found) {
    var list = document.createElement("ul");
    found.forEach(function (question) {
      var link = document.createElement("a");
      link.href = "#" + question.anchor;
      link.textContent = question.title;
      link.dir = "auto";
      list.appendChild(document.createElement("li")).appendChild(link);
    });
    return list;
  }

  // Whom to ask: what stands at the foot, under its heading.
  function contact() {
    var heading = document.getElementById("_contact"), copy = document.createElement("div");
    if (!heading) { return copy; }
    var title = document.createElement("b");
    title.textContent = heading.textContent;
    copy.appendChild(document.createElement("p")).appendChild(title);
    copy.appendChild(heading.parentNode.querySelector(".answer").cloneNode(true));
    Array.prototype.forEach.call(copy.querySelectorAll("[id]"), function (element) {
      element.removeAttribute("id");
    });
    return copy;
  }

  function update() {
    var asks = field.value.trim() !== "";
    if (asks && !ready) { return; } // it comes again when all is read
    var found = asks ? find(field.value) : { questions: [] }, count = found.questions.length;
    box.textContent = "";
    if (asks) { box.appendChild(count ? listOf(found.questions) : contact()); }
    contents.hidden = count > 0;
    say(asks && (count ? (found.hasAll ? "found" : "some") : "none"), count);
  }

  // A little at a time, so that typing is never held up.
  function read(place) {
    var until = performance.now() + 8;
    for (; place < questions.length && performance.now() < until; place++) {
      var element = questions[place].element, short = element.querySelector(".in-short p:last-child");
      add(place, 0, questions[place].title);
      if (short) { add(place, 2, short.textContent); }
      add(place, 3, element.querySelector(".answer").textContent);
    }
    if (place < questions.length) { setTimeout(read, 0, place); return; }
    ready = true;
    known.clear();
    update();
  }

  // What is also asked stands in the document of this version, and not on the page.
  function readAlsoAsked(policy) {
    var language = document.documentElement.lang, places = new Map();
    questions.forEach(function (question) { places.set(question.anchor, question); });
    policy.sections.forEach(function (section) {
      section.questions.forEach(function (entry) {
        var question = places.get(entry.anchor), also = entry.also_asked[language] || [];
        if (!also.length) { also = entry.also_asked[policy.prevails] || []; }
        if (!question) { return; }
        question.phrases = also.map(function (each) { return " " + words(each).join(" "); });
        add(question.place, 1, also.join(" "));
      });
    });
    known.clear();
    update();
  }

  function begin() {
    if (begun) { return; }
    begun = true;
    // There before it speaks: screen readers announce changes of what they know already.
    form.appendChild(status);
    Array.prototype.forEach.call(document.querySelectorAll(".question"), function (element, place) {
      var title = element.querySelector(".title");
      questions.push({
        place: place, element: element, anchor: title.parentNode.querySelector("[id]").id,
        title: title.textContent, phrases: []
      });
    });
    read(0);
    fetch(form.getAttribute("data-words")).then(function (answer) {
      return answer.ok ? answer.json().then(readAlsoAsked) : null;
    }).catch(function () { /* Titles and answers are enough. */ });
  }

  field.addEventListener("focus", begin);
  field.addEventListener("input", function () { begin(); update(); });
  around.addEventListener("keydown", function (event) {
    if (event.key !== "Escape" || !field.value) { return; }
    event.preventDefault();
    field.value = "";
    field.focus();
    update();
  });
  form.addEventListener("submit", function (event) {
    if (!ready) { return; } // the server finds as well
    event.preventDefault();
    update();
    if (contents.hidden) { box.querySelector("a").focus(); } // else it is whom to ask
  });
})();
