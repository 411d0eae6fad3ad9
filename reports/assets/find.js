// What a search found: purposes and wishes of that name, then tools, the best first.
const PAGE_FOUND = 20, MOST_NODES = 6, FIRST_FOUND = 10, TYPING_MS = 120;

// Finds tools by the index of the page, read when somebody first searches.
class IndexSearch {
  constructor({ index, rows }) {
    this.search = new Search(index);
    this.rows = rows;
  }

  find(query) {
    return this.search.find(query).map((hit) => ({ ...hit, index: this.rows[hit.index] })).filter(({ index }) => index !== null);
  }

  didYouMean(query) {
    return this.search.didYouMean(query);
  }

  stems(text) {
    return SearchWords.tokens(text).map((word) => SearchWords.stem(word));
  }

  marked(text, marks) {
    return Search.pieces(text, marks).map(([piece, isMarked]) => (isMarked ? element("mark", "", piece) : piece));
  }
}

// Of a page without an index: rows that have all words, whole or as beginnings, those with them in the name first.
class WordSearch {
  constructor(grouping) {
    this.grouping = grouping;
  }

  find(query) {
    const wanted = wordsOf(query);
    if (!wanted.length) return [];
    const has = (text) => wanted.every((word) => (" " + wordsOf(text).join(" ")).includes(" " + word));
    const found = this.grouping.would({ ...this.grouping.nothing, search: query });
    const score = (row) => (has(row.title) ? 3 : has(this.grouping.label(row.topic)) ? 2 : 1);
    return found.map((row) => ({ index: row.index, score: score(row), marks: wanted }))
      .sort((a, b) => b.score - a.score || this.grouping.rows[a.index].usual - this.grouping.rows[b.index].usual);
  }

  didYouMean() {
    return "";
  }

  stems(text) {
    return wordsOf(text);
  }

  marked(text, marks) {
    return marked(text, marks);
  }
}

class FindView {
  constructor(groupings) {
    this.groupings = [...groupings.values()];
    this.grouping = groupings.get("tools");
    this.search = new WordSearch(this.grouping);
    this.root = document.getElementById("find");
    this.forms = [...document.querySelectorAll("form.seek")];
    this.input = document.getElementById("seek");
    this.box = element("div", "found-here");
    this.status = element("p", "count");
    this.status.setAttribute("role", "status");
    this.root.querySelector("h2").after(this.status, this.box);
  }

  start() {
    router.register("find", (words, params) => this.show(words, params));
    this.input.addEventListener("input", () => { clearTimeout(this.waiting); this.waiting = setTimeout(() => this.typed(), TYPING_MS); });
    this.forms.forEach((form) => form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.input.value = form.elements.words.value;
      this.enter();
    }));
    this.input.addEventListener("keydown", (event) => { if (event.key === "ArrowDown") this.step(event, 1); });
    this.box.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (step && event.target.matches(".result")) this.step(event, step);
    });
    this.box.addEventListener("change", (event) => {
      if (event.target.type === "checkbox") event.target.checked = choice.toggle(this.grouping.rows[Number(event.target.value)]);
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
      event.preventDefault();
      this.input.focus();
      this.input.select();
    });
  }

  get here() {
    return !this.root.hidden;
  }

  // The first letter leads here; those after it replace the address, until Enter settles what is asked.
  typed() {
    const words = this.input.value.trim();
    if (!words && !this.here) return;
    router.follow(addressOf("find", words), !this.here || this.settled);
    this.settled = false;
  }

  enter() {
    clearTimeout(this.waiting);
    this.typed();
    this.settled = true;
    this.results()[0]?.focus();
  }

  results() {
    return [...this.box.querySelectorAll(".result")];
  }

  // Arrow keys go through what was found, and above the first back to the box.
  step(event, step) {
    const all = this.results(), next = all.indexOf(event.target) + step;
    if (next >= all.length || !all.length) return;
    event.preventDefault();
    (next < 0 ? this.input : all[next]).focus();
  }

  show(words, params) {
    if (document.activeElement !== this.input) this.input.value = words;
    const pages = Math.max(1, Number(params.get("pages")) || 1), query = words.trim();
    if (!query) {
      this.status.textContent = "Type into the box above: what a tool does, or its name. The key / leads there.";
      this.box.replaceChildren();
      return "Search";
    }
    if (chunks.has("search") && !this.indexed) {
      this.status.textContent = "Searching …";
      this.indexed = chunks.get("search").then((values) => { this.search = new IndexSearch(values); return true; });
      router.again(this.indexed);
      return "Search: " + query;
    }
    if (!this.indexed) router.again(this.grouping.describe(this.grouping.rows));
    const found = this.search.find(query), others = this.others(query), n = found.length + others.length;
    const nodes = this.nodes(this.search.didYouMean(query) || query, found);
    this.status.textContent = `${count(n)} tool${n === 1 ? "" : "s"}` + (nodes.length ? `, ${nodes.length === 1 ? "1 purpose or wish" : nodes.length + " purposes or wishes"}` : "") + ` for “${query}”`;
    this.draw(query, found, [...others, ...nodes], pages);
    return "Search: " + query;
  }

  draw(query, found, nodes, pages) {
    const shown = found.slice(0, pages * PAGE_FOUND), list = element("ol", "results");
    const parts = [], other = this.search.didYouMean(query);
    if (other) {
      const link = element("a", "result", other);
      link.href = addressOf("find", other);
      parts.push(wrapped("p", "Did you mean ", link, "?"));
    }
    if (nodes.length) parts.push(this.nodeList(query, nodes));
    list.append(...shown.map((each) => this.result(this.grouping.rows[each.index], each.marks)));
    if (shown.length) parts.push(list);
    if (!found.length && !nodes.some(({ tool }) => tool)) parts.push(this.nothing(nodes.length));
    if (shown.length < found.length) {
      const more = element("a", "more", `Show ${Math.min(PAGE_FOUND, found.length - shown.length)} more of ${count(found.length)}`);
      more.href = addressOf("find", query, { pages: pages + 1 });
      more.addEventListener("click", (event) => {
        event.preventDefault();
        router.remember(more.getAttribute("href"), false);
        this.draw(query, found, nodes, pages + 1);
        this.box.querySelectorAll(".results .result")[shown.length].focus();
      });
      parts.push(more);
    }
    this.box.replaceChildren(...parts);
    const rows = shown.map((each) => this.grouping.rows[each.index]).filter((row) => row.description === undefined);
    if (rows.length) this.grouping.describe(rows).then(() => { if (list.isConnected) this.draw(query, found, nodes, pages); }, () => {});
  }

  // Purposes and wishes that have the words in their name, or else among their keywords; without a purpose so called, the one that most of the first tools are of.
  nodes(query, found) {
    const wanted = this.search.stems(query);
    // Signs alone are no words: everything would have all of none.
    if (!wanted.length) return [];
    const has = (text) => { const its = this.search.stems(text); return wanted.every((word) => its.some((each) => each.startsWith(word))); };
    // A category of one purpose is that purpose.
    const more = (grouping) => [...grouping.categories.values()].filter((each) => ![...grouping.topics.values()].some((topic) => topic.category === each.category && topic.size === each.size));
    const called = this.groupings.flatMap((grouping) => [...grouping.topics.values(), ...more(grouping)].map((node) => {
      const score = has(node.label) ? 2 : has([node.label, ...node.keywords].join(" ")) ? 1 : 0;
      return { grouping, node, score };
    })).filter((each) => each.score).sort((a, b) => b.score - a.score || this.groupings.indexOf(a.grouping) - this.groupings.indexOf(b.grouping) || b.node.size - a.node.size).slice(0, MOST_NODES);
    if (called.some(({ grouping }) => grouping === this.grouping)) return called;
    const first = found.slice(0, FIRST_FOUND).map(({ index }) => this.grouping.rows[index].topic), [[topic, n] = []] = sumsOf(first, (each) => String(each));
    return n > first.length / 2 && topic !== "-1" ? [{ grouping: this.grouping, node: this.grouping.nodeAt("topic", topic) }, ...called] : called;
  }

  // Tools that this atlas does not sort and knows something of all the same, by their names.
  others(query) {
    const wanted = wordsOf(query);
    const has = (tool) => wanted.length && wanted.every((word) => wordsOf(tool.name).some((each) => each.startsWith(word)));
    return answers.tools.filter((tool) => tool.beside && has(tool)).slice(0, MOST_NODES).map((tool) => ({ tool }));
  }

  nodeList(query, nodes) {
    const list = element("ul", "nodes-found");
    for (const { grouping, node, tool } of nodes) {
      if (tool) {
        const other = toolLink({ title: tool.name }, "result");
        other.replaceChildren(...marked(tool.name, wordsOf(query)));
        list.append(wrapped("li", element("span", "kind", "tool"), " ", other, element("span", "n", " not sorted here")));
        continue;
      }
      const link = nodeLink(grouping, node, "result");
      link.replaceChildren(...marked(node.label, wordsOf(query)));
      const item = wrapped("li", element("span", "kind", grouping.name === "tools" ? "purpose" : "wish"), " ", link, element("span", "n", ` ${count(node.size)} ${grouping.noun}`));
      if (node.stages) item.append(stageMix(node.stages));
      list.append(item);
    }
    return list;
  }

  result(row, marks) {
    const { grouping } = this, item = element("li"), name = toolLink(row, "result name"), topic = grouping.topics.get(row.topic);
    name.replaceChildren(...this.search.marked(row.title, marks));
    const facts = element("span", "facts");
    facts.append(stageName(row.stage, row.why));
    if (row.spark) facts.append(sparkOf(row));
    facts.append(topic ? nodeLink(grouping, topic) : "unplaced");
    item.append(compareCell(row, "span"), name, facts);
    if (row.description) {
      const text = element("span", "text");
      text.append(...this.search.marked(row.description, marks));
      item.append(text);
    }
    return item;
  }

  nothing(some) {
    const all = element("a", "result", "look at all purposes");
    all.href = "#";
    const tools = element("a", "result", "all tools");
    tools.href = "#tools";
    return wrapped("p", some ? "No tool has these words itself. " : "Nothing has all of these words. ", "Try fewer or other words, such as what a tool does and not how; or ", all, " or ", tools, ".");
  }
}

// A text with hits as <mark> elements: words that begin as one of those asked for.
function marked(text, marks) {
  const wanted = marks.map((mark) => mark.toLowerCase()).filter(Boolean), parts = [];
  let plain = "";
  for (const piece of text.split(/([\p{L}\p{N}]+)/u)) {
    const low = piece.toLowerCase(), mark = wanted.find((each) => low.startsWith(each));
    if (mark === undefined) { plain += piece; continue; }
    if (plain) parts.push(plain);
    parts.push(element("mark", "", piece.slice(0, mark.length)));
    plain = piece.slice(mark.length);
  }
  return plain ? [...parts, plain] : parts;
}
