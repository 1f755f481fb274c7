/** What is wrong, and what to change. The one word for it: configuration, rules, policies and errors of the cloud all say it so. */
export interface Fault {
  message: string;
  fix: string;
}
