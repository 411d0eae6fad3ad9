// What tables tell of a document, and what they can be narrowed by: a column, or a filter, is one entry.
// From the most vigorous to the end of a life: which tools somebody would look at first.
const VIGOUR = ["growing", "peak", "emerging", "declining", "dormant", "dead"];
const LIVING = ["emerging", "growing", "peak"];
const COLLATOR = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

// `kind` says how a value is shown; `first` in which direction one wants it first; `fact` and `part` which
// of its answers tells why it is not known; `instead` that it stands for another one which is not known of any document; `sort` is compared in place of the value.
function column(field, heading, kind, more = {}) {
  const first = ["number", "date", "spark", "percent"].includes(kind) ? "descending" : "ascending";
  const value = (row) => row[field] ?? null;
  return { field, heading, kind, first, value, sort: more.value || value, words: heading[0].toLowerCase() + heading.slice(1), ...more };
}

const TOPIC_VALUE = (row, grouping) => (row.topic === -1 ? null : grouping.label(row.topic));

const COLUMNS = {
  tools: [
    column("title", "Tool", "title"),
    column("topic", "Purpose", "topic", { value: TOPIC_VALUE }),
    column("stage", "Stage", "stage", { sort: (row) => (row.stage === null ? null : VIGOUR.indexOf(row.stage)) }),
    column("spark", "36 months", "spark", { words: "share of its last twelve months in the commits of 36", value: latelyOf }),
    column("human", "Last commit by a person", "date", { fact: "last_human" }),
    column("last_commit", "Last commit", "date", { fact: "last_commit", instead: "human", because: "People and bots are not told apart here, so the last commit is anybody’s." }),
    column("release", "Last release", "date", { fact: "last_release" }),
    column("people", "People, 12 months", "number", { fact: "people", words: "people in twelve months" }),
    column("recent", "Commits, 12 months", "number", { fact: "commits_year", words: "commits in twelve months" }),
    column("born", "Born", "born", { fact: "born", first: "descending" }),
    column("first_commit", "Begun", "born", { instead: "born", first: "descending" }),
    column("stars", "Stars", "number", { fact: "stars" }),
    column("license", "Licence", "text", { fact: "licence" }),
    column("language", "Language", "text", { fact: "language" }),
    column("company", "Goes with", "names", { part: "with", sort: (row) => row.company?.length ?? null, first: "descending", words: "how many tools go with it" }),
    column("open", "Requests open", "number", { part: "asked" }),
  ],
  requests: [
    column("title", "Request", "title"),
    column("topic", "Theme", "topic", { value: TOPIC_VALUE }),
    column("repository", "Framework", "text"),
    column("state", "State", "text"),
    column("created_at", "Asked on", "date"),
  ],
};

// Which columns a table of these rows has, and which are not known of any of them: those are told in a sentence, once.
function columnsOf(grouping, rows) {
  const known = (field) => rows.some((row) => (row[field] ?? null) !== null);
  const given = COLUMNS[grouping.name].filter((each) => grouping.rows.length && each.field in grouping.rows[0]);
  const shown = given.filter((each) => (each.instead ? !known(each.instead) && known(each.field) : known(each.field) || each.kind === "title"));
  const replaced = new Set(shown.map((each) => each.instead));
  const lacking = given.filter((each) => !shown.includes(each) && !each.instead && !replaced.has(each.field));
  return { shown, lacking };
}

// Why a value is not known, as the answer for a tool says.
function reasonOf(grouping, row, { fact, part }) {
  const tool = grouping.name === "tools" ? answers.tools[row.index] : null;
  const why = fact ? tool && answers.fact(tool, fact).reason : answers.text(tool?.why?.[part ?? "stage"]);
  return why || `the sources of ${grouping.snapshot} do not tell it`;
}

// What is not known of any document, with the reasons that most of them have; what a source does not tell, together.
const MOST_REASONS = 2;

function lackingSentences(grouping, rows) {
  const { shown, lacking } = columnsOf(grouping, rows), of = new Map(), source = grouping.snapshot + " does not tell ";
  const short = (why) => (why.startsWith(source) ? source + "them" : why);
  for (const each of lacking) {
    const reasons = sumsOf(rows, (row) => reasonOf(grouping, row, each)).slice(0, MOST_REASONS).map(([why]) => short(why)).join("; or ");
    of.set(reasons, [...(of.get(reasons) ?? []), each.words]);
  }
  const here = rows.length < grouping.rows.length ? " here" : "";
  const said = [...of].map(([why, words]) => `Unknown for every ${grouping.one}${here}: ${words.join(", ")} (${why}).`);
  return [...said, ...shown.map((each) => each.because).filter(Boolean)];
}

const MONTHS_A_YEAR = 12, SPARK_MONTHS = 36;

// How old something is on the day of its snapshot: "7 years", "5 months".
function age(born, snapshot) {
  const [year, month] = born.split("-").map(Number), [now, then] = snapshot.split("-").map(Number);
  const months = (now - year) * MONTHS_A_YEAR + then - month;
  const many = (n, one) => `${n} ${one}${n === 1 ? "" : "s"}`;
  return months < 2 * MONTHS_A_YEAR ? many(Math.max(0, months), "month") : many(Math.floor(months / MONTHS_A_YEAR), "year");
}

// How much of a tool's commits in 36 months is of the last twelve, as its drawing shows; a steady tool has a third.
function latelyOf(row) {
  const heights = answers.tools[row.index]?.recent;
  if (!heights) return null;
  const sum = (digits) => [...digits].reduce((whole, digit) => whole + parseInt(digit, 36), 0), all = sum(heights);
  return all ? sum(heights.slice(-MONTHS_A_YEAR)) / all : 0;
}

function sparkOf(row) {
  const made = sparkline(row), share = latelyOf(row), months = answers.tools[row.index].recent.length;
  const words = `Commits a month in ${months} months up to ${row.seen}: about ${percent(share)} of them in the last twelve`;
  // A younger tool begins further to the right.
  made.querySelector("path").setAttribute("transform", `translate(${SPARK_MONTHS - months} 0)`);
  made.setAttribute("aria-label", words);
  made.prepend(shape("title", {}, words));
  return made;
}

const MOST_NAMES = 3;

// How each kind of value is written into its cell; called where it is known.
const CELLS = {
  title(cell, row, grouping) {
    const name = grouping.name === "tools" ? toolLink(row, "name") : link(row, "name");
    cell.append(name);
    if (row.description) cell.append(element("span", "text", row.description));
  },
  topic(cell, row, grouping) {
    const topic = grouping.topics.get(row.topic);
    cell.append(glyph(topic));
    if (topic) {
      // A category of one purpose is that purpose.
      const category = grouping.categories.get(topic.category);
      cell.append(nodeLink(grouping, topic), element("span", "why", category.size > topic.size ? category.label : ""));
    } else if (row.beside) cell.append("Not one of the tools that this atlas sorts");
    else cell.append("Unplaced", element("span", "why", row.nearest === -1 ? "near no topic" : "nearest: " + grouping.label(row.nearest)));
  },
  stage(cell, row) {
    cell.append(stageName(row.stage, row.why), element("span", "why", row.why));
    if (row.seen) cell.append(element("span", "why date", "seen " + row.seen));
  },
  spark(cell, row) { cell.append(sparkOf(row)); },
  date(cell, row, grouping, value) { cell.textContent = value; },
  number(cell, row, grouping, value) { cell.textContent = count(value); },
  text(cell, row, grouping, value) { cell.textContent = value; },
  names(cell, row, grouping, value) {
    const more = value.length - MOST_NAMES;
    cell.append(...joined(value.slice(0, MOST_NAMES).map((title) => toolLink({ title }))), element("span", "why", more > 0 ? `and ${count(more)} more` : ""));
  },
  born(cell, row, grouping, value) { cell.append(value.slice(0, 7), element("span", "why", age(value, grouping.snapshot))); },
};

function fillCell(cell, row, grouping, column) {
  const value = column.value(row, grouping);
  // A place and a stage say themselves what is not known, and why.
  if (value === null && !["title", "topic", "stage"].includes(column.kind)) cell.append(unknown(reasonOf(grouping, row, column)));
  else CELLS[column.kind](cell, row, grouping, value);
}

// A filter by a fact: which values can be chosen of these rows, and which rows have one.
const NOT_KNOWN = "?";

function byValue(name, label, everything, more = {}) {
  const value = (row) => row[name] ?? null;
  return { name, label, everything, options: (rows) => tallied(rows, value), test: (wanted) => (row) => row[name] === wanted, unknown: (row) => value(row) === null, ...more };
}

// Values with how many have them, the most frequent first.
function sumsOf(rows, value, order = (a, b) => b[1] - a[1] || COLLATOR.compare(a[0] ?? "", b[0] ?? "")) {
  const sums = new Map();
  for (const row of rows) sums.set(value(row), (sums.get(value(row)) || 0) + 1);
  return [...sums].sort(order);
}

// The same as options of a select; what is not known comes last.
function tallied(rows, value, order) {
  const found = sumsOf(rows, value, order), none = found.find(([each]) => each === null);
  const options = found.filter(([each]) => each !== null).map(([each, n]) => [each, `${each} (${count(n)})`]);
  return none ? [...options, [NOT_KNOWN, `not known (${count(none[1])})`]] : options;
}

function byYear(name, field, label, everything, more = {}) {
  const year = (row) => row[field]?.slice(0, 4) ?? null;
  return byValue(name, label, everything, {
    options: (rows) => tallied(rows, year, (a, b) => COLLATOR.compare(b[0] ?? "", a[0] ?? "")), test: (wanted) => (row) => year(row) === wanted,
    unknown: (row) => row[field] === null, ...more,
  });
}

const FILTERS = {
  tools: [
    byValue("stage", "Stage", "any stage", {
      options: (rows) => {
        const living = rows.filter((row) => LIVING.includes(row.stage)).length;
        const each = tallied(rows, (row) => row.stage ?? null, (a, b) => VIGOUR.indexOf(a[0]) - VIGOUR.indexOf(b[0]));
        return living ? [["living", `living: ${LIVING.join(", ")} (${count(living)})`], ...each] : each;
      },
      test: (wanted) => (wanted === "living" ? (row) => LIVING.includes(row.stage) : (row) => row.stage === wanted),
    }),
    byValue("license", "Licence", "any licence"),
    byValue("language", "Language", "any language"),
    byValue("owner", "Owner", "any owner"),
    // Of how late a day a tool's stage is known: a stage of long ago says little of today.
    byYear("seen", "seen", "Seen since", "any day", {
      options: (rows) => {
        const years = [...new Set(rows.map((row) => row.seen?.slice(0, 4)).filter(Boolean))].sort().reverse();
        const since = (year) => rows.filter((row) => row.seen !== null && row.seen.slice(0, 4) >= year).length;
        return years.map((year) => [year, `${year} or later (${count(since(year))})`]);
      },
      test: (wanted) => (row) => row.seen !== null && row.seen.slice(0, 4) >= wanted,
    }),
    // Where no stage is known, the last commit is what tells of life.
    byYear("year", "last_commit", "Last changed in", "any year", { when: (rows) => rows.every((row) => row.stage === null) }),
  ],
  requests: [
    byValue("repository", "Framework", "any framework"),
    byValue("state", "State", "any state"),
    byYear("year", "created_at", "Asked in", "any year"),
  ],
};

// The order in which documents stand where nobody asked for another, and what it is in words.
const USUAL = {
  tools: (rows) => {
    const staged = rows.some((row) => row.stage !== null);
    const place = (row) => (row.stage === null ? VIGOUR.length : VIGOUR.indexOf(row.stage));
    const latest = (a, b) => (b.last_commit ?? "").localeCompare(a.last_commit ?? "");
    return staged
      ? { words: `${VIGOUR.join(", ")}; in each, most commits in twelve months first`, compare: (a, b) => place(a) - place(b) || (b.recent ?? -1) - (a.recent ?? -1) || latest(a, b) }
      : { words: "last commit, the latest first", compare: latest };
  },
  requests: () => ({ words: "open first, the newest of them; those of unknown state or date last", compare: openFirst }),
};
