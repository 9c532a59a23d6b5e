/** What must be undone even when the run is cut short: only synchronous work can be done then. */
const undos = new Set<() => void>();

process.on('exit', () => {
  for (const undo of undos) undo();
});

/** Registers what to undo at the end of the process; the answer does it now, and only once. */
export function undoAtExit(undo: () => void): () => void {
  undos.add(undo);
  return () => {
    if (undos.delete(undo)) undo();
  };
}
