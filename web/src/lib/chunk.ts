// Parts of the page that are fetched when they are needed. A deploy takes the older parts off the server, so a page
// that was open before may find one gone; loading the page again gets the parts of the new release.
const NAME = "wordrush.reloaded";

/**
 * A part of the page by its dynamic import. When the server answers and the part is gone, the page is loaded again and
 * the promise never settles. That happens once for each build, so that a broken release cannot become a loop; then,
 * and without a connection, it raises what the import raised.
 */
export async function chunk<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(await serverAnswers()) || !firstReload()) throw error;
    location.reload();
    return new Promise<never>(() => undefined);
  }
}

/** Without a connection a reload would leave nothing on the screen. */
async function serverAnswers(): Promise<boolean> {
  try {
    return (await fetch("/", { method: "HEAD", cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** False when this build was left already, and where nothing can remember it. */
function firstReload(): boolean {
  const build = document.querySelector<HTMLScriptElement>("script[src]")?.src ?? "";
  try {
    const left = sessionStorage.getItem(NAME)?.split(" ") ?? [];
    if (left.includes(build)) return false;
    sessionStorage.setItem(NAME, [...left, build].join(" "));
    return true;
  } catch {
    return false;
  }
}
