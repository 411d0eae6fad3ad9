// What became of the names that earlier builds gave to purposes and wishes, so that old links lead on, or say why not.
class Formerly {
  // `told`: { forwards, gone, changed } of a grouping's slugs; `view`: the view that shows one of its nodes.
  constructor(grouping, told, view) {
    this.grouping = grouping;
    this.view = view;
    this.told = { forwards: {}, gone: {}, changed: {}, ...told };
  }

  // The name that leads on from a former one; undefined where none does.
  forward(slug) {
    return this.entry("forwards", slug)?.slug;
  }

  // What a reader who came by a former name is to know, as a paragraph; undefined where there is nothing to say.
  note(slug) {
    const forwarded = this.entry("forwards", slug);
    if (forwarded) return this.paragraph(`An earlier build of this page called it “${forwarded.name}”; ${percent(forwarded.share)} of the ${this.grouping.noun} of then are here.`);
    const scattered = this.entry("gone", slug), changed = this.entry("changed", slug);
    if (scattered) return this.paragraph(`“${scattered.name}” was shown by an earlier build of this page, with ${count(scattered.size)} ${this.grouping.noun}; no one group has them now. `, scattered);
    if (changed) return this.paragraph(`In an earlier build of this page, “${changed.name}” was about other ${this.grouping.noun}. `, changed);
    return undefined;
  }

  // A name in an address may be any word, such as one that every object has.
  entry(kind, slug) {
    return Object.hasOwn(this.told[kind], slug) ? this.told[kind][slug] : undefined;
  }

  paragraph(words, { now = null, size = 0 } = {}) {
    const said = element("p", "note formerly", words);
    if (now === null) return said;
    if (!now.length) said.append("None of them is in a group now.");
    else said.append("Where they are now: ");
    now.forEach(([slug, n], place) => {
      const name = element("a", "", this.label(slug));
      name.href = addressOf(this.view, slug);
      said.append(place ? ", " : "", name, ` (${count(n)})`);
    });
    const rest = size - now.reduce((sum, [, n]) => sum + n, 0);
    if (now.length) said.append(rest ? `; the other ${count(rest)} are elsewhere, in no group, or no longer in the study.` : ".");
    return said;
  }

  label(slug) {
    return (this.grouping.nodeOf("category", slug) ?? this.grouping.nodeOf("topic", slug)).label;
  }
}
