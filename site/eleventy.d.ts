/** What is used of Eleventy, which brings no types along. */
declare module '@11ty/eleventy' {
  export interface Config {
    setLibrary(name: string, library: object): void;
    setUseGitIgnore(use: boolean): void;
    addTemplate(name: string, text: string, data: Readonly<Record<string, unknown>>): void;
    addTransform(
      name: string,
      change: (this: { readonly page: { readonly url: string } }, content: string) => string,
    ): void;
  }
  export class Eleventy {
    constructor(
      input: string,
      output: string,
      options: {
        readonly quietMode: boolean;
        readonly configPath: false;
        readonly config: (config: Config) => void;
      },
    );
    write(): Promise<void>;
  }
}
