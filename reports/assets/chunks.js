// Parts of the data that are read when they are asked for, be they packed inside the page or in files beside it.
class Chunks {
  // `files`: where the parts lie that are not in the page, by name.
  constructor(files) {
    this.files = new Map(Object.entries(files || {}));
    this.found = new Map();
  }

  has(name) {
    return this.files.has(name) || this.inside(name) !== null;
  }

  // The value of a part, read once however often it is asked for. What cannot be read is said on the page, and thrown.
  get(name) {
    if (!this.found.has(name)) {
      const reading = this.read(name);
      this.found.set(name, reading);
      // Asked again, it is tried again: a file may be there by then.
      reading.catch((error) => { this.found.delete(name); sayTrouble(error); });
    }
    return this.found.get(name);
  }

  // What comes late of a list, in parts of one size: `take(place, values)` gets it for all places of the parts that these are in.
  async fill({ parts, size }, places, take) {
    const wanted = new Set(places.map((place) => Math.floor(place / size)));
    await Promise.all([...wanted].map(async (part) => {
      const found = await this.get(parts[part]);
      found.forEach((values, at) => take(part * size + at, values));
    }));
  }

  inside(name) {
    return document.querySelector(`script[data-part="${CSS.escape(name)}"]`);
  }

  async read(name) {
    const held = this.inside(name);
    return held ? unpack(held) : unpacked(await this.load(name));
  }

  // A file of data is a script that says its part to `atlasChunk`: from a disk, a page may load nothing else.
  load(name) {
    const file = this.files.get(name);
    return new Promise((resolve, reject) => {
      const script = element("script");
      const end = (why) => () => {
        Chunks.waiting.delete(name);
        script.remove();
        reject(new Trouble(`A part of this page is ${why}: ${file}. The page and the folder of its data belong together: copy or load up both, of one and the same build.`));
      };
      Chunks.waiting.set(name, resolve);
      script.addEventListener("error", end("missing"));
      // What has said its part is resolved by now, and stays so.
      script.addEventListener("load", end("damaged"));
      script.src = file;
      document.head.append(script);
    });
  }
}
Chunks.waiting = new Map();

// Called by the files of data.
function atlasChunk(name, text) {
  Chunks.waiting.get(name)?.(text);
}
