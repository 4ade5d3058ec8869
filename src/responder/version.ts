/** The version readiness facts, reports and `--version` name. Held equal to package.json by a test. */
export const appVersion = '0.1.0';
