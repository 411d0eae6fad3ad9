// Search over the documents of an index, as insights/search/ranking.py does it, step by step: what is
// changed here is changed there. Sums are of whole numbers, or of the same few products in the same
// order, so that both come to the same order. Nothing here touches the page; words are read by search-words.js.
const SEARCHING = {
  mostQueried: 32,
  rarest: 255,
  unknownRarity: 116,
  mostRarity: 213,
  unit: 1000,
  fewShared: 0.5,
  coarse: 4096,
  mostBegun: 8,
  leastBegun: 3,
  leastRespelt: 4,
  leastTwice: 8,
  second: 0.7,
  leastResembling: 6,
  mostResembling: 6,
  resembles: 0.2,
  alternatives: new Set(("alternative alternatives competitor competitors equivalent equivalents replace " +
    "replacement replacements replacing substitute substitutes").split(" ")),
  likeness: new Set(["like", "similar"]),
};

class Search {
  constructor(values) {
    const { weights } = values;
    this.weights = weights;
    this.size = values.n_documents;
    this.dims = values.n_dims;
    this.stopWords = new Set(values.stop_words.split(" "));
    this.abbreviations = new Map(Object.entries(values.abbreviations));
    this.told = new Map(Object.entries(values.told));
    this.names = this.size ? values.names.split("\n").map((each) => each.split(" ").filter(Boolean)) : [];
    this.words = [...Search.wordsOf(values.words)];
    this.letters = Int32Array.from(this.words, Search.letters);
    this.seen = new Map();
    this.rarity = Search.bytes(values.rarity);
    this.postings = Search.postingsOf(values.postings);
    this.grouped = Search.postingsOf(values.grouped);
    this.members = values.members.map((each) => Search.summedUp(Search.numbers(Search.bytes(each))));
    this.documents = new Int8Array(Search.bytes(values.documents).buffer);
    this.scales = values.scales;
    this.readStems(Search.numbers(Search.bytes(values.pairs)));
    this.readMeanings(Search.bytes(values.known), Search.bytes(values.meanings));
    this.readNames();
  }

  // The documents that answer, best first: { index, score, marks }, where marks are the folded words that they were
  // found by, as `Search.pieces` takes them.
  find(query) {
    const asked = this.read(query);
    const { scores, looked } = this.scores(asked);
    if (!scores) return [];
    const { named, least } = this.weights;
    const called = new Set(this.calledSo(asked, looked));
    const top = scores.reduce((most, score, place) => Math.max(most, called.has(place) ? score - named : score), -Infinity);
    const marks = this.marks(looked);
    return [...scores.keys()]
      .filter((place) => scores[place] > 0 && scores[place] >= least * top)
      .sort((a, b) => scores[b] - scores[a] || a - b)
      .map((place) => ({ index: place, score: scores[place], marks: [...(marks.get(place) ?? [])] }));
  }

  // The query with mistyped words as the documents have them; null where there are none.
  didYouMean(query) {
    const asked = this.read(query);
    const fixed = new Map();
    for (const word of new Set(this.telling(asked))) {
      const { respelt } = this.look(word);
      if (respelt !== null) fixed.set(word, respelt);
    }
    return fixed.size ? asked.map((word) => fixed.get(word) ?? word).join(" ") : null;
  }

  // A text in pieces, [text, marked]: its words that are among the marks, and what is between them.
  static pieces(text, marks) {
    const wanted = new Set(marks);
    const pieces = [];
    let rest = 0;
    for (const found of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
      if (!SearchWords.tokens(found[0]).some((word) => wanted.has(word))) continue;
      if (found.index > rest) pieces.push([text.slice(rest, found.index), false]);
      pieces.push([found[0], true]);
      rest = found.index + found[0].length;
    }
    if (rest < text.length) pieces.push([text.slice(rest), false]);
    return pieces;
  }

  read(query) {
    return SearchWords.tokens(query).slice(0, SEARCHING.mostQueried);
  }

  telling(words) {
    return words.filter((word) => !this.stopWords.has(word));
  }

  scores(asked) {
    const telling = this.telling(asked);
    const wanted = telling.length ? telling : asked;
    if (!wanted.length || !this.size) return { scores: null, looked: [] };
    const rest = wanted.filter((word) => !SEARCHING.alternatives.has(word) && !SEARCHING.likeness.has(word));
    const instead = asked.some((word) => SEARCHING.alternatives.has(word));
    if (rest.length && (instead || asked.some((word) => SEARCHING.likeness.has(word)))) {
      const [anchors, others] = this.anchors(rest);
      if (anchors.length) return this.like(anchors, others);
      if (instead) return this.unlisted(rest);
    }
    const looked = this.lookAll(wanted);
    const scores = this.byWordsAndMeaning(looked, this.weights.meaning, 1);
    if (!scores) return { scores: null, looked };
    for (const place of this.calledSo(asked, looked)) scores[place] += this.weights.named;
    return { scores: this.withFeedback(scores), looked };
  }

  // The documents that are called as the whole query, or as it is meant.
  calledSo(asked, looked) {
    const meant = looked.map(({ word, respelt }) => respelt ?? word).join("");
    return this.called.get(asked.join("")) ?? this.called.get(meant) ?? [];
  }

  anchors(words) {
    for (let length = words.length; length > 0; length -= 1) {
      for (let start = 0; start + length <= words.length; start += 1) {
        const found = this.called.get(words.slice(start, start + length).join(""));
        if (found) return [found, [...words.slice(0, start), ...words.slice(start + length)]];
      }
    }
    return [[], words];
  }

  like(anchors, others) {
    const [anchor] = anchors;
    const { starts, places, counts } = this.postings;
    const shared = new Float64Array(this.size);
    for (let entry = 0; entry < this.rarity.length; entry += 1) {
      for (let at = starts[entry]; at < starts[entry + 1]; at += 1) {
        if (places[at] !== anchor) continue;
        const one = this.rarity[entry] * counts[at];
        for (let other = starts[entry]; other < starts[entry + 1]; other += 1) shared[places[other]] += one * counts[other];
      }
    }
    const { alike } = this.weights;
    const scores = Search.standard(shared.map((each) => Math.floor(each / SEARCHING.coarse))).map((each) => alike * each);
    if (this.dims) {
      const near = Search.standard(this.likeness(this.documents.subarray(anchor * this.dims, (anchor + 1) * this.dims)));
      near.forEach((each, place) => { scores[place] += alike * each; });
    }
    const looked = this.lookAll(others);
    if (looked.length) this.byWords(looked).lexical.forEach((each, place) => { scores[place] += each; });
    for (const each of anchors) scores[each] = -1;
    return { scores, looked };
  }

  unlisted(words) {
    const { meaning, unlisted, mentioned, resembling } = this.weights;
    if (words.some((word) => this.told.has(word))) {
      const wanted = words.flatMap((word) => this.speltOut(this.told.get(word) ?? word)).slice(0, SEARCHING.mostQueried);
      const looked = this.lookAll(wanted);
      const scores = this.byWordsAndMeaning(looked, meaning, 1);
      return { scores: scores && this.withFeedback(scores), looked };
    }
    const looked = this.lookAll(words);
    let scores = this.byWordsAndMeaning(looked, unlisted, mentioned);
    for (const { word, entries } of looked) {
      if (entries.size || word.length < SEARCHING.leastResembling) continue;
      for (const [place, share] of this.resembling(word)) {
        scores ??= new Float64Array(this.size);
        scores[place] += resembling * share;
      }
    }
    return { scores: scores && this.withFeedback(scores), looked };
  }

  resembling(word) {
    const wanted = SearchWords.triples(word);
    const shares = [];
    this.names.forEach((names, place) => {
      // Most share too little to be worth their triples.
      const marked = names.map((name) => "^" + name.split("/")[1] + "$").join(" ");
      let most = 0;
      for (const each of wanted) if (marked.includes(each)) most += 1;
      if (most / wanted.size < SEARCHING.resembles) return;
      const theirs = new Set(names.flatMap((name) => [...SearchWords.triples(name.split("/")[1])]));
      const both = [...wanted].filter((each) => theirs.has(each)).length;
      const share = both / (wanted.size + theirs.size - both);
      if (share >= SEARCHING.resembles) shares.push([place, share]);
    });
    return shares.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, SEARCHING.mostResembling);
  }

  speltOut(text) {
    return this.telling(SearchWords.tokens(text));
  }

  lookAll(words) {
    const looked = words.map((word) => this.look(word));
    const roots = words.map((word) => SearchWords.stem(word));
    for (const [short, spelt] of this.abbreviated) {
      const entry = this.stemNumbers.get(SearchWords.stem(short));
      if (entry === undefined || !this.stands(entry)) continue;
      for (let start = 0; start + spelt.length <= roots.length; start += 1) {
        if (!spelt.every((root, place) => root === roots[start + place])) continue;
        for (const { entries } of looked.slice(start, start + spelt.length)) {
          entries.set(entry, Math.max(entries.get(entry) ?? 0, this.weights.abbreviated));
        }
      }
    }
    return looked;
  }

  // What stands for a word of a query; looked up once, as the same words are typed again and again.
  look(word) {
    if (!this.seen.has(word)) this.seen.set(word, this.lookAnew(word));
    const { entries, ...rest } = this.seen.get(word);
    return { ...rest, entries: new Map(entries) };
  }

  lookAnew(word) {
    const { weights, stemNumbers } = this;
    const root = SearchWords.stem(word);
    const entries = new Map();
    const add = (entry, weight) => {
      if (entry !== undefined && this.stands(entry)) entries.set(entry, Math.max(entries.get(entry) ?? 0, weight));
    };
    add(stemNumbers.get(root), 1);
    let said = [word];
    const pair = this.inOne.get(word);
    if (pair !== undefined) {
      add(pair, 1);
      if (!stemNumbers.has(root)) said = this.pairs[pair - stemNumbers.size].map((each) => this.wordsOf[each][0]);
    }
    if (this.abbreviations.has(word)) {
      said = this.speltOut(this.abbreviations.get(word));
      this.entriesOf(said).forEach((entry) => add(entry, weights.abbreviated));
    }
    add(stemNumbers.get(root + "er"), weights.relative);
    if (root.endsWith("er") && root.length > 5) add(stemNumbers.get(root.slice(0, -2)), weights.relative);
    const known = entries.size > 0 || stemNumbers.has(root) || this.abbreviations.has(word);
    if (!known) this.begun(word).forEach((entry) => add(entry, weights.begun));
    if (known || entries.size) return { word, entries, said, respelt: null };
    const meant = weights.respelt > 0 ? this.respelt(word) : [];
    meant.forEach((each, place) => add(stemNumbers.get(SearchWords.stem(each)), weights.respelt * (place ? SEARCHING.second : 1)));
    return { word, entries, said: [meant[0] ?? word], respelt: meant[0] ?? null };
  }

  stands(entry) {
    return [this.postings, this.grouped].some(({ starts }) => starts[entry] < starts[entry + 1]);
  }

  entriesOf(words) {
    const numbers = words.map((word) => this.stemNumbers.get(SearchWords.stem(word)));
    if (numbers.length === 1) return numbers;
    return numbers.slice(1).map((other, place) => this.pairNumbers.get(numbers[place] + " " + other));
  }

  standingIn(entry) {
    return this.postings.starts[entry + 1] - this.postings.starts[entry];
  }

  begun(word) {
    if (word.length < SEARCHING.leastBegun) return [];
    const found = new Set(this.words.filter((other) => other.startsWith(word)).map((other) => this.stemNumbers.get(SearchWords.stem(other))));
    return [...found].sort((a, b) => this.standingIn(b) - this.standingIn(a) || a - b).slice(0, SEARCHING.mostBegun);
  }

  respelt(word) {
    if (word.length < SEARCHING.leastRespelt) return [];
    const most = word.length >= SEARCHING.leastTwice ? 2 : 1;
    const found = [];
    const letters = Search.letters(word);
    let fewest = most;
    for (let place = 0; place < this.words.length; place += 1) {
      const other = this.words[place];
      if (Math.abs(other.length - word.length) > fewest || other.length < SEARCHING.leastRespelt - 1) continue;
      // One error changes at most two of the letters that stand in one word alone.
      if (Search.bits(letters ^ this.letters[place]) > 2 * fewest) continue;
      const errors = SearchWords.distance(word, other, fewest);
      if (errors > fewest) continue;
      fewest = errors;
      found.push({ errors, other, strange: other[0] === word[0] ? 0 : 1, standing: this.standingIn(this.stemNumbers.get(SearchWords.stem(other))) });
    }
    const nearest = found.filter(({ errors }) => errors === fewest)
      .sort((a, b) => a.strange - b.strange || b.standing - a.standing || Search.byCode(a.other, b.other));
    const first = new Map();
    for (const { other } of nearest) {
      const root = SearchWords.stem(other);
      if (!first.has(root)) first.set(root, other);
    }
    return [...first.values()];
  }

  byWordsAndMeaning(looked, meaning, words) {
    const { lexical, found } = this.byWords(looked);
    const vector = this.meaning(looked);
    if (!found && !vector) return null;
    const scores = lexical.map((each) => words * each);
    if (vector && meaning > 0) {
      const few = SEARCHING.fewShared * lexical.reduce((most, each) => Math.max(most, each));
      Search.standard(this.likeness(Search.whole(vector))).forEach((each, place) => {
        scores[place] += meaning * (lexical[place] < few && each > 0 ? each * this.weights.apart : each);
      });
    }
    return scores;
  }

  byWords(looked) {
    const shared = new Float64Array(this.size), covered = new Float64Array(this.size);
    let total = 0;
    for (const { word, entries } of new Map(looked.map((each) => [each.word, each])).values()) {
      const best = new Float64Array(this.size);
      const own = this.stemNumbers.get(SearchWords.stem(word));
      // What stands for a word says no more than the word itself.
      const limit = entries.has(own) ? this.rarity[own] : SEARCHING.rarest;
      let most = 0;
      for (const [entry, weight] of entries) {
        const gain = weight * Math.min(this.rarity[entry], limit);
        most = Math.max(most, gain);
        this.everywhere(entry, (place, count) => { best[place] = Math.max(best[place], gain * count); });
      }
      most = most || SEARCHING.unknownRarity;
      best.forEach((each, place) => {
        shared[place] += each;
        if (each > 0) covered[place] += most;
      });
      total += most;
    }
    const found = shared.some((each) => each > 0);
    const { cover } = this.weights;
    for (const [entry, weight] of this.neighbouring(looked)) {
      const { starts, places, counts } = this.postings;
      for (let at = starts[entry]; at < starts[entry + 1]; at += 1) shared[places[at]] += weight * this.rarity[entry] * counts[at];
    }
    return { lexical: shared.map((each, place) => each / (total * 255) * (1 - cover + cover * (covered[place] / total))), found };
  }

  everywhere(entry, tell) {
    const { starts, places, counts } = this.postings;
    for (let at = starts[entry]; at < starts[entry + 1]; at += 1) tell(places[at], counts[at]);
    for (let at = this.grouped.starts[entry]; at < this.grouped.starts[entry + 1]; at += 1) {
      for (const place of this.members[this.grouped.places[at]]) tell(place, this.grouped.counts[at]);
    }
  }

  neighbouring(looked) {
    const found = [];
    for (let place = 0; place + 1 < looked.length; place += 1) {
      const one = looked[place], other = looked[place + 1];
      const first = this.stemNumbers.get(SearchWords.stem(one.respelt ?? one.word));
      const second = this.stemNumbers.get(SearchWords.stem(other.respelt ?? other.word));
      const pair = this.pairNumbers.get(first + " " + second);
      if (pair !== undefined && this.stands(pair)) found.push([pair, this.weights.near]);
      const whole = this.stemNumbers.get(SearchWords.stem(one.word + other.word));
      if (whole !== undefined && this.stands(whole)) found.push([whole, 1]);
    }
    return found;
  }

  meaning(looked) {
    const terms = [], flat = [];
    const rarity = (entry) => Math.min(this.rarity[entry], SEARCHING.mostRarity);
    for (const { said } of looked) {
      for (const word of said) {
        const entry = this.stemNumbers.get(SearchWords.stem(word)), share = 1 / said.length;
        flat.push([entry, share]);
        if (entry !== undefined) terms.push([entry, share * rarity(entry)]);
      }
    }
    for (let place = 0; place + 1 < flat.length; place += 1) {
      const [one, share] = flat[place], [other, also] = flat[place + 1];
      const pair = this.pairNumbers.get(one + " " + other);
      if (pair !== undefined) terms.push([pair, share * rarity(one) + also * rarity(other)]);
    }
    const summed = new Float64Array(this.dims);
    let known = false;
    for (const [entry, weight] of terms) {
      const row = this.meant[entry];
      if (row < 0) continue;
      known = true;
      for (let dim = 0; dim < this.dims; dim += 1) summed[dim] += weight * this.meanings[row * this.dims + dim];
    }
    return known ? summed.map((each, dim) => each * this.scales[dim]) : null;
  }

  likeness(vector) {
    const { dims, documents } = this;
    const found = new Float64Array(this.size);
    for (let place = 0; place < this.size; place += 1) {
      let sum = 0;
      for (let dim = 0; dim < dims; dim += 1) sum += documents[place * dims + dim] * vector[dim];
      found[place] = sum;
    }
    return found;
  }

  withFeedback(scores) {
    const { dims, documents } = this;
    const { feedback } = this.weights;
    if (!feedback || !dims) return scores;
    const middle = new Float64Array(dims);
    for (const place of Search.first(scores, this.weights.feedback_from)) {
      const weight = Math.max(scores[place], 0);
      for (let dim = 0; dim < dims; dim += 1) middle[dim] += weight * documents[place * dims + dim];
    }
    const near = Search.standard(this.likeness(Search.whole(middle)));
    return scores.map((each, place) => each + feedback * near[place]);
  }

  marks(looked) {
    const found = new Map();
    const { starts, places } = this.postings;
    for (const { entries } of looked) {
      for (const entry of entries.keys()) {
        const stems = entry < this.stemNumbers.size ? [entry] : this.pairs[entry - this.stemNumbers.size];
        const words = stems.flatMap((number) => this.wordsOf[number]);
        for (let at = starts[entry]; at < starts[entry + 1]; at += 1) {
          if (!found.has(places[at])) found.set(places[at], new Set());
          words.forEach((word) => found.get(places[at]).add(word));
        }
      }
    }
    return found;
  }

  // The places of the highest scores, highest first, of equals the first.
  static first(scores, n) {
    const found = [];
    scores.forEach((score, place) => {
      if (found.length === n && score <= scores[found[n - 1]]) return;
      const at = found.findIndex((other) => score > scores[other]);
      found.splice(at < 0 ? found.length : at, 0, place);
      if (found.length > n) found.pop();
    });
    return found;
  }

  static byCode(one, other) {
    const first = [...one], second = [...other];
    for (let place = 0; place < Math.min(first.length, second.length); place += 1) {
      const difference = first[place].codePointAt(0) - second[place].codePointAt(0);
      if (difference) return difference;
    }
    return first.length - second.length;
  }

  // The letters of a word as bits: words that share none of them differ in as many.
  static letters(word) {
    let found = 0;
    for (let place = 0; place < word.length; place += 1) found |= 1 << (word.charCodeAt(place) & 31);
    return found;
  }

  static bits(number) {
    let rest = number, count = 0;
    for (; rest; count += 1) rest &= rest - 1;
    return count;
  }

  // Whole numbers at mean 0 and variance 1; their sums are exact.
  static standard(figures) {
    let total = 0, squares = 0;
    for (const each of figures) {
      total += each;
      squares += each * each;
    }
    const mean = total / figures.length;
    const spread = Math.sqrt(Math.max(squares / figures.length - mean * mean, 0));
    return spread === 0 ? new Float64Array(figures.length) : figures.map((each) => (each - mean) / spread);
  }

  static whole(vector) {
    let squares = 0;
    for (const part of vector) squares += part * part;
    const length = Math.sqrt(squares);
    return length === 0 ? vector.map(() => 0) : vector.map((part) => Math.floor(part / length * SEARCHING.unit + 0.5));
  }

  readStems(pairs) {
    this.stemNumbers = new Map();
    this.wordsOf = [];
    for (const word of this.words) {
      const root = SearchWords.stem(word);
      if (!this.stemNumbers.has(root)) {
        this.stemNumbers.set(root, this.wordsOf.length);
        this.wordsOf.push([]);
      }
      this.wordsOf[this.stemNumbers.get(root)].push(word);
    }
    this.pairs = [];
    this.pairNumbers = new Map();
    this.inOne = new Map();
    for (let place = 0; place < pairs.length; place += 2) {
      const [one, other] = [pairs[place], pairs[place + 1]], number = this.wordsOf.length + this.pairs.length;
      this.pairs.push([one, other]);
      this.pairNumbers.set(one + " " + other, number);
      for (const first of this.wordsOf[one]) {
        for (const second of this.wordsOf[other]) if (!this.inOne.has(first + second)) this.inOne.set(first + second, number);
      }
    }
    this.abbreviated = [...this.abbreviations]
      .map(([short, text]) => [short, this.speltOut(text).map((word) => SearchWords.stem(word))])
      .filter(([, spelt]) => spelt.length > 1);
  }

  readMeanings(known, halves) {
    let row = 0;
    this.meant = Int32Array.from(this.rarity, (_, entry) => (known[entry >> 3] >> (entry & 7) & 1 ? row++ : -1));
    this.meanings = new Int8Array(row * this.dims);
    for (let place = 0; place < this.meanings.length; place += 1) {
      const byte = halves[place >> 1];
      this.meanings[place] = (place & 1 ? byte >> 4 : byte & 15) - 8;
    }
  }

  readNames() {
    this.called = new Map();
    this.names.forEach((names, place) => {
      for (const name of new Set([...names.map((each) => each.replace("/", "")), ...names.map((each) => each.split("/")[1])])) {
        if (!this.called.has(name)) this.called.set(name, []);
        this.called.get(name).push(place);
      }
    });
  }

  static bytes(text) {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  }

  // Whole numbers of seven bits a byte, the lowest first; the highest bit says that more follow.
  static numbers(bytes) {
    const found = [];
    let number = 0, factor = 1;
    for (const byte of bytes) {
      number += (byte & 127) * factor;
      factor *= 128;
      if (byte < 128) {
        found.push(number);
        number = 0;
        factor = 1;
      }
    }
    return found;
  }

  static summedUp(steps) {
    let sum = 0;
    return Int32Array.from(steps, (step) => (sum += step));
  }

  static postingsOf(values) {
    const lengths = Search.numbers(Search.bytes(values.lengths)), steps = Search.numbers(Search.bytes(values.places));
    const starts = Int32Array.from([0, ...Search.summedUp(lengths)]);
    const places = new Int32Array(steps.length);
    for (let entry = 0; entry < lengths.length; entry += 1) {
      let place = 0;
      for (let at = starts[entry]; at < starts[entry + 1]; at += 1) places[at] = (place += steps[at]);
    }
    return { starts, places, counts: Search.bytes(values.counts) };
  }

  static *wordsOf(coded) {
    let before = "";
    for (const each of coded ? coded.split(" ") : []) {
      const signs = [...before].slice(0, parseInt(each[0], 36)).join("");
      before = signs + each.slice(1);
      yield before;
    }
  }
}
