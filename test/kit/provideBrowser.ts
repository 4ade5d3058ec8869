/** Global setup of the end-to-end project: an installation happens here, outside every test's time limit. */
import { provideBrowser } from './browser.ts';

export default function setup(): void {
  provideBrowser();
}
