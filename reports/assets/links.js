// Names that the page was written with become links where this atlas has what they name.
function toolOf(name) {
  const tool = answers.named(name);
  // A tool that the taxonomy does not sort has a page, and no row.
  return tool && (groupings.get("tools").rows[answers.tools.indexOf(tool)] ?? { title: tool.name });
}

// A framework as people call it; a link to its page among the tools, if it is one of them.
function frameworkName(repository) {
  const name = atlas.frameworks[repository] ?? repository, row = toolOf(repository);
  const node = row ? toolLink(row) : element("span");
  node.textContent = name;
  if (name !== repository) node.title = repository;
  return node;
}

function linkParts(root) {
  for (const span of root.querySelectorAll("span[data-tool]")) {
    const row = toolOf(span.dataset.tool);
    if (!row) continue;
    const made = toolLink(row);
    made.textContent = span.textContent;
    span.replaceChildren(made);
  }
  for (const span of root.querySelectorAll("span[data-wish]")) {
    const grouping = groupings.get("requests"), [layer, number] = span.dataset.wish.split(" ");
    span.replaceChildren(nodeLink(grouping, grouping.nodeAt(layer, number)));
  }
}
