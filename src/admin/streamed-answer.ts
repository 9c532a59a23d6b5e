/** An answer that is too long to be held: sent as it is made. What goes wrong after its beginning cuts the connection. */
export class StreamedAnswer {
  readonly contentType: string;
  readonly fileName: string;
  readonly parts: AsyncIterable<string>;

  constructor(contentType: string, fileName: string, parts: AsyncIterable<string>) {
    this.contentType = contentType;
    this.fileName = fileName;
    this.parts = parts;
  }
}
