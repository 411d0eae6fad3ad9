// Words: folded, cut, in one spelling, and reduced to their stems by Porter's rules, as in words.py.
class SearchWords {
  static named = [["c++", "cpp"], ["c#", "csharp"], ["f#", "fsharp"], [".net", "dotnet"]];
  static second = [["ational", "ate"], ["tional", "tion"], ["enci", "ence"], ["anci", "ance"], ["izer", "ize"],
    ["bli", "ble"], ["alli", "al"], ["entli", "ent"], ["eli", "e"], ["ousli", "ous"], ["ization", "ize"],
    ["ation", "ate"], ["ator", "ate"], ["alism", "al"], ["iveness", "ive"], ["fulness", "ful"], ["ousness", "ous"],
    ["aliti", "al"], ["iviti", "ive"], ["biliti", "ble"], ["logi", "log"]];
  static third = [["icate", "ic"], ["ative", ""], ["alize", "al"], ["iciti", "ic"], ["ical", "ic"], ["ful", ""], ["ness", ""]];
  static fourth = ["ement", "ance", "ence", "able", "ible", "ment", "ant", "ent", "ion", "ism", "ate", "iti",
    "ous", "ive", "ize", "al", "er", "ic", "ou"];

  static fold(text) {
    let small = text.toLowerCase().normalize("NFKD").replace(/\p{M}+/gu, "");
    for (const [written, word] of SearchWords.named) small = small.replaceAll(written, word);
    return small;
  }

  static tokens(text) {
    const found = [];
    for (const run of SearchWords.fold(text).match(/\p{Script=Han}+|(?:(?!\p{Script=Han})[\p{L}\p{N}])+/gu) ?? []) {
      const signs = /^\p{Script=Han}/u.test(run) ? [...run] : [];
      if (signs.length > 1) for (let place = 0; place + 1 < signs.length; place += 1) found.push(signs[place] + signs[place + 1]);
      else found.push(run);
    }
    return found;
  }

  static stem(word) {
    if (!/^[a-z]{4,}$/.test(word)) return word;
    let root = SearchWords.oneSpelling(word);
    root = SearchWords.withoutPast(SearchWords.withoutPlural(root));
    if (root.endsWith("y") && SearchWords.shape(root.slice(0, -1)).includes("v")) root = root.slice(0, -1) + "i";
    for (const rules of [SearchWords.second, SearchWords.third]) {
      const rule = rules.find(([ending]) => root.endsWith(ending));
      if (rule && SearchWords.measure(root.slice(0, -rule[0].length)) > 0) root = root.slice(0, -rule[0].length) + rule[1];
    }
    const ending = SearchWords.fourth.find((each) => root.endsWith(each));
    if (ending) {
      const base = root.slice(0, -ending.length);
      if (SearchWords.measure(base) > 1 && (ending !== "ion" || /[st]$/.test(base))) root = base;
    }
    if (root.endsWith("e")) {
      const base = root.slice(0, -1), measure = SearchWords.measure(base);
      if (measure > 1 || (measure === 1 && !SearchWords.endsShort(base))) root = base;
    }
    return root.endsWith("ll") && SearchWords.measure(root) > 1 ? root.slice(0, -1) : root;
  }

  static oneSpelling(word) {
    let spelt = word;
    if (spelt.length > 6) spelt = spelt.replace(/is(ation|ations|e|es|ed|er|ers|ing)$/, "iz$1");
    if (spelt.length > 7) spelt = spelt.replace(/ll(ing|ed|er|ers)$/, "l$1");
    if (spelt.length > 5) spelt = spelt.replace(/our(s|ed|ing|al|)$/, "or$1");
    return spelt.replace(/ogue(s?)$/, "og$1");
  }

  static withoutPlural(word) {
    if (word.endsWith("sses") || word.endsWith("ies")) return word.slice(0, -2);
    return word.endsWith("s") && !word.endsWith("ss") ? word.slice(0, -1) : word;
  }

  static withoutPast(word) {
    if (word.endsWith("eed")) return SearchWords.measure(word.slice(0, -3)) > 0 ? word.slice(0, -1) : word;
    const ending = ["ed", "ing"].find((each) => word.endsWith(each));
    if (!ending || !SearchWords.shape(word.slice(0, -ending.length)).includes("v")) return word;
    const base = word.slice(0, -ending.length);
    if (/(at|bl|iz)$/.test(base)) return base + "e";
    const twice = base.at(-1) === base.at(-2) && SearchWords.shape(base).endsWith("cc");
    if (twice && !"lsz".includes(base.at(-1))) return base.slice(0, -1);
    return SearchWords.measure(base) === 1 && SearchWords.endsShort(base) ? base + "e" : base;
  }

  static shape(word) {
    let shape = "";
    for (const letter of word) shape += "aeiou".includes(letter) || (letter === "y" && shape.endsWith("c")) ? "v" : "c";
    return shape;
  }

  static measure(word) {
    return SearchWords.shape(word).split("vc").length - 1;
  }

  static endsShort(word) {
    return SearchWords.shape(word).endsWith("cvc") && !"wxy".includes(word.at(-1));
  }

  // How many typing errors part two words; more than `most` if there are more.
  static distance(one, other, most) {
    if (Math.abs(one.length - other.length) > most) return most + 1;
    let before = [], last = Array.from({ length: other.length + 1 }, (_, place) => place);
    for (let row = 1; row <= one.length; row += 1) {
      const here = [row];
      let least = row;
      for (let column = 1; column <= other.length; column += 1) {
        const same = one[row - 1] === other[column - 1];
        let errors = Math.min(last[column] + 1, here[column - 1] + 1, last[column - 1] + (same ? 0 : 1));
        if (row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1]) {
          errors = Math.min(errors, before[column - 2] + 1);
        }
        here.push(errors);
        least = Math.min(least, errors);
      }
      if (least > most) return most + 1;
      before = last;
      last = here;
    }
    return last[other.length];
  }

  static triples(word) {
    const marked = "^" + word + "$";
    return new Set(Array.from({ length: marked.length - 2 }, (_, place) => marked.slice(place, place + 3)));
  }
}
