"""The stages of a study, each made only if what it depends on has changed.

An artifact's manifest holds a key: the hash of everything that its content depends on. A stage
whose artifact has the expected key and undamaged files is skipped, so a second run does nothing
and an interrupted one goes on. Nothing heavy is imported before a stage needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from artifacts.errors import ArtifactError, InputError
from artifacts.manifest import FILE_NAME, Manifest, changed_files
from artifacts.progress import Progress
from mining import snapshots
from opsatlas.study import Source, Study, ThemesSettings, ToolsSettings, resolve

if TYPE_CHECKING:
    from mining.drafts import ImportSummary
    from taxonomy.settings import TopicSettings

Layer = Literal["tools", "themes"]

DOCUMENTS: dict[Layer, Literal["repositories", "issues"]] = {
    "tools": "repositories",
    "themes": "issues",
}


@dataclass(frozen=True)
class Pipeline:
    """One study in one workspace."""

    workspace: Path
    study: Study
    study_path: Path
    progress: Progress

    def run(self) -> Path:
        """Carry out every stage and return the path of the page."""
        self._refuse_empty_study()
        self.make_snapshots()
        for layer in self.layers():
            self.make_taxonomy(layer)
        return self.make_page()

    def layers(self) -> list[Layer]:
        """Return the layers that the study asks for."""
        wanted: list[tuple[Layer, object]] = [
            ("tools", self.study.taxonomy),
            ("themes", self.study.themes),
        ]
        return [layer for layer, settings in wanted if settings is not None]

    def make_snapshots(self) -> None:
        """Import and seal the snapshots that the study has files for."""
        by_snapshot: dict[str, list[Source]] = {}
        for source in self.study.sources:
            by_snapshot.setdefault(source.snapshot, []).append(source)
        for snapshot_id, sources in by_snapshot.items():
            self._make_snapshot(snapshot_id, sources)

    def make_taxonomy(self, layer: Layer) -> Manifest:
        """Prepare texts and derive topics, if they are not there already."""
        from embeddings.build import build_texts, texts_folder, texts_key
        from taxonomy.build import build_taxonomy, taxonomy_key

        settings = self.settings(layer)
        kind = DOCUMENTS[layer]
        snapshot = self._sealed(settings.snapshot)
        texts_at = texts_folder(self.workspace, snapshot.id, kind)
        texts = _fresh(
            texts_at, texts_key(snapshot.manifest.content_hash, kind, self.study.texts)
        ) or build_texts(
            snapshot.folder, texts_at, kind=kind, settings=self.study.texts, progress=self.progress
        )
        stop_words = self.stop_words(layer)
        topic_settings = topic_settings_of(settings)
        key = taxonomy_key(texts.content_hash, self.study.vectors, topic_settings, stop_words)
        folder = self.taxonomy_folder(layer)
        return _fresh(folder, key) or build_taxonomy(
            texts_at,
            folder,
            vectors_folder=self.workspace / "vectors",
            vector_settings=self.study.vectors,
            settings=topic_settings,
            stop_words=stop_words,
            progress=self.progress,
        )

    def make_page(self) -> Path:
        """Write the page, if what it shows has changed."""
        from reports.build import PageParts, build_page, page_key

        parts = PageParts(
            title=self.study.study.title,
            ecosystem=self.study.ecosystem.topics,
            layers={layer: self._layer_parts(layer) for layer in self.layers()},
            facts_snapshot=self._facts_folder(),
            notes=self.study.page.notes,
        )
        folder = self.workspace / "reports" / "atlas"
        if _fresh(folder, page_key(parts)) is None:
            build_page(parts, folder, progress=self.progress)
        return folder / "index.html"

    def settings(self, layer: Layer) -> ToolsSettings | ThemesSettings:
        """Return what the study sets for a layer."""
        settings = self.study.taxonomy if layer == "tools" else self.study.themes
        if settings is None:
            section = "taxonomy" if layer == "tools" else "themes"
            raise InputError(
                f"The study has no section [{section}].",
                where=str(self.study_path),
                fix=f'add [{section}] with snapshot = "DATE.SOURCE"',
            )
        return settings

    def taxonomy_folder(self, layer: Layer) -> Path:
        """Return where the layer's taxonomy is kept: a snapshot has one of each by default."""
        from taxonomy.store import FOLDER

        return self.workspace / FOLDER / f"{self.settings(layer).snapshot}.{layer}"

    def snapshot_folder(self, layer: Layer) -> Path:
        """Return the folder of the snapshot that the layer describes."""
        return snapshots.snapshot_folder(self.workspace, self.settings(layer).snapshot)

    def gold(self, layer: Layer) -> list[Path]:
        """Return the lists that the layer is judged by."""
        return [resolve(file, self.study_path) for file in self.settings(layer).gold]

    def stop_words(self, layer: Layer) -> frozenset[str]:
        """Return words that say nothing as keywords: in themes, the frameworks' own names."""
        if layer == "tools":
            return frozenset()
        names = [f"{f.name} {f.repository} {f.package or ''}" for f in self.study.frameworks]
        words = " ".join(names).lower().replace("/", " ").replace("-", " ").replace("&", " ")
        return frozenset(words.split())

    def _layer_parts(self, layer: Layer) -> tuple[Path, Path, list[Path]]:
        return self.taxonomy_folder(layer), self.snapshot_folder(layer), self.gold(layer)

    def _facts_folder(self) -> Path | None:
        snapshot_id = self.study.page.facts_snapshot
        return None if snapshot_id is None else self._sealed(snapshot_id).folder

    def _make_snapshot(self, snapshot_id: str, sources: list[Source]) -> None:
        folder = snapshots.snapshot_folder(self.workspace, snapshot_id)
        expected = [self._identity(source) for source in sources]
        if (folder / FILE_NAME).exists():
            there = snapshots.open_snapshot(folder)
            if there.is_sealed:
                if [source.identity() for source in there.sources] == expected:
                    return
                raise InputError(
                    f"Snapshot {snapshot_id} is sealed and was made of other files.",
                    where=str(folder),
                    fix="give the study's sources a new snapshot id",
                )
        for source in sources:
            summary = self._import(source, folder)
            for note in summary.source.notes:
                self.progress.say(note)
        snapshots.seal(folder)

    def _import(self, source: Source, folder: Path) -> ImportSummary:
        from mining.sources import github_search, readmes, tabular

        files = self._files(source)
        self.progress.say(f"importing {source.kind} into {source.snapshot}")
        if source.kind == "github-search":
            return github_search.import_github_search(files, folder, progress=self.progress)
        if source.kind == "readmes":
            return readmes.import_readmes(files, folder, progress=self.progress)
        importer = {
            "repositories": tabular.import_repositories,
            "issues": tabular.import_issues,
        }[source.kind]
        return importer(files, folder, columns=source.columns, progress=self.progress)

    def _identity(self, source: Source) -> dict[str, object]:
        from mining.sources.identity import import_identity

        return import_identity(source.kind, self._files(source), columns=source.columns)

    def _files(self, source: Source) -> list[Path]:
        return [resolve(file, self.study_path) for file in source.files]

    def _sealed(self, snapshot_id: str) -> snapshots.Snapshot:
        folder = snapshots.snapshot_folder(self.workspace, snapshot_id)
        if not (folder / FILE_NAME).exists():
            there = ", ".join(s.id for s in snapshots.list_snapshots(self.workspace)) or "none"
            raise InputError(
                f"There is no snapshot {snapshot_id} in the workspace.",
                where=f"{self.workspace} (there: {there})",
                fix="import it with `opsatlas import`, or add [[sources]] to the study",
            )
        snapshot = snapshots.open_snapshot(folder)
        if not snapshot.is_sealed:
            raise InputError(
                f"Snapshot {snapshot_id} is still a draft.",
                where=str(folder),
                fix=f"seal it: opsatlas snapshot seal {snapshot_id}",
            )
        if changed := changed_files(folder, snapshot.manifest):
            raise ArtifactError(
                f"Snapshot {snapshot_id} was changed after it was sealed: {', '.join(changed)}.",
                where=str(folder),
                fix="restore the files, or import them into a snapshot of another id",
            )
        return snapshot

    def _refuse_empty_study(self) -> None:
        if not self.layers():
            self.settings("tools")


def topic_settings_of(settings: ToolsSettings | ThemesSettings) -> TopicSettings:
    """Return the parameters of the topics alone, without what says where they are used."""
    from taxonomy.settings import TopicSettings

    return TopicSettings(**settings.model_dump(include=set(TopicSettings.model_fields)))


def _fresh(folder: Path, key: str) -> Manifest | None:
    """Return the manifest of an artifact that has the key and whose files are as written."""
    if not (folder / FILE_NAME).exists():
        return None
    manifest = Manifest.read(folder)
    if manifest.key != key or changed_files(folder, manifest):
        return None
    return manifest
