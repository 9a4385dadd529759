// Files that were dropped, folders with all that lies in them, in the order of their names.

/** What the dossier can take. */
export const TAKEN = '.pdf,.jpg,.jpeg,.png,.tif,.tiff,.bmp,.webp,.zip,application/pdf,application/zip,image/*';
const TAKEN_NAME = /\.(?:pdf|jpe?g|png|tiff?|bmp|webp|zip)$/i;

export function takes(name: string): boolean {
  return TAKEN_NAME.test(name) && !/(?:^|\/)(?:\._|__MACOSX)/.test(name);
}

export function inOrder(files: readonly File[]): File[] {
  const path = (f: File) => f.webkitRelativePath || f.name;
  return [...files].sort((a, b) => path(a).localeCompare(path(b), 'zh', { numeric: true }));
}

function entries(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  // A browser gives them in parts.
  const more = async (before: FileSystemEntry[]): Promise<FileSystemEntry[]> => {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    return part.length === 0 ? before : more([...before, ...part]);
  };
  return more([]);
}

async function within(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) return [await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))];
  const all = await entries(entry as FileSystemDirectoryEntry);
  all.sort((a, b) => a.name.localeCompare(b.name, 'zh', { numeric: true }));
  return (await Promise.all(all.map(within))).flat().filter((f) => takes(f.name));
}

/** Must be called while the event is handled: afterwards the browser shows nothing more of it. */
export async function filesOf(data: DataTransfer | null): Promise<File[]> {
  const items = [...(data?.items ?? [])].filter((i) => i.kind === 'file');
  const found = items.map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  return (await Promise.all(found.map((f) => (f === null ? [] : f instanceof File ? [f] : within(f))))).flat();
}

export function carriesFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}
