import { join } from 'node:path';
import { API, type Checker, type Snapshot, type Type, TypeFlags } from 'typescript/unstable/sync';

/**
 * The vendors' own types as plain shapes, read with the TypeScript compiler's
 * checker out of the declarations of their SDK packages. TypeScript calls this
 * API unstable; nothing but tools and tests depends on it.
 */
export interface Shape {
  /** Members, of an object that is not told from others by its kind. */
  readonly fields: ReadonlyMap<string, Shape>;
  /** Objects that stand in the same place, by their `type`, or else their `role`. */
  readonly kinds: ReadonlyMap<string, Shape>;
  /** The elements, where it can be an array. */
  readonly each: Shape | undefined;
  /** Whether it can be a plain text, number or the like. */
  readonly plain: boolean;
}

/** An API session over the project in this folder; to be closed. */
export class SdkTypes {
  readonly #api = new API({ cwd: import.meta.dirname });
  readonly #snapshot: Snapshot;
  readonly #checker: Checker;
  readonly #roots = new Map<string, Type>();
  readonly #shapes = new Map<number, Shape>();

  /** @param file the file of this folder whose exported types are the roots */
  constructor(file: string) {
    const config = join(import.meta.dirname, 'tsconfig.json');
    this.#snapshot = this.#api.updateSnapshot({ openProjects: [config] });
    const project = this.#snapshot.getProject(config);
    const source = project?.program.getSourceFile(join(import.meta.dirname, file));
    if (project === undefined || source === undefined) throw new Error(`${file} is not in ${config}`);
    this.#checker = project.checker;
    const module = this.#checker.getSymbolAtLocation(source);
    if (module === undefined) throw new Error(`${file} exports nothing`);
    for (const symbol of this.#checker.getExportsOfModule(module)) {
      this.#roots.set(symbol.name, this.#checker.getDeclaredTypeOfSymbol(symbol));
    }
  }

  /** @throws when there is no such exported type, or it was not found by the compiler */
  shapeOf(name: string): Shape {
    const type = this.#roots.get(name);
    if (type === undefined || type.isErrorType()) throw new Error(`the compiler knows no type ${name}`);
    return this.#shape(type);
  }

  close(): void {
    this.#snapshot.dispose();
    this.#api.close();
  }

  #shape(type: Type): Shape {
    const known = this.#shapes.get(type.id);
    if (known !== undefined) return known;
    const shape = this.#lazy(type);
    this.#shapes.set(type.id, shape);
    return shape;
  }

  /** Members are read when they are asked for: the types are large, and what a table gives up whole is not looked into. */
  #lazy(type: Type): Shape {
    let read: Shape | undefined;
    const shape = () => {
      read ??= this.#read(type);
      return read;
    };
    return {
      get fields() {
        return shape().fields;
      },
      get kinds() {
        return shape().kinds;
      },
      get each() {
        return shape().each;
      },
      get plain() {
        return shape().plain;
      },
    };
  }

  #read(type: Type): Shape {
    const fields = new Map<string, Shape>();
    const kinds = new Map<string, Shape>();
    const elements: Type[] = [];
    let plain = false;
    for (const member of this.#alternatives(type)) {
      if (this.#checker.isArrayType(member)) elements.push(...this.#checker.getTypeArguments(member as never));
      else if (member.isObjectType() || this.#isObjects(member)) this.#object(member, fields, kinds);
      else if (!this.#isAbsent(member)) plain = true;
    }
    return { fields, kinds, plain, each: this.#merged(elements.map((each) => this.#shape(each))) };
  }

  #object(type: Type, fields: Map<string, Shape>, kinds: Map<string, Shape>): void {
    const own = new Map<string, Shape>();
    const members = new Map<string, Type>();
    for (const property of this.#checker.getPropertiesOfType(type)) {
      const of = this.#checker.getTypeOfSymbol(property);
      if (of !== undefined) members.set(property.name, of);
    }
    const kindKey = ['type', 'role'].find((name) => this.#literals(members.get(name)).length > 0);
    const names = kindKey === undefined ? [] : this.#literals(members.get(kindKey));
    for (const [name, of] of members) if (name !== kindKey) own.set(name, this.#shape(of));
    if (names.length === 0) for (const [name, shape] of own) fields.set(name, both(fields.get(name), shape));
    const shape: Shape = { fields: own, kinds: new Map(), each: undefined, plain: false };
    for (const name of names) kinds.set(name, both(kinds.get(name), shape));
  }

  /** `string & {}` is a text: the vendors' way to let editors complete the known ones. */
  #isObjects(type: Type): boolean {
    return type.isIntersectionType() && type.getTypes().every((part) => part.isObjectType());
  }

  /** The texts of a type that is nothing but literal texts (and perhaps null or absent). */
  #literals(type: Type | undefined): string[] {
    if (type === undefined) return [];
    const texts: string[] = [];
    for (const member of this.#alternatives(type)) {
      if (member.isStringLiteralType()) texts.push(member.value);
      else if (!this.#isAbsent(member)) return [];
    }
    return texts;
  }

  #isAbsent(type: Type): boolean {
    return (type.flags & (TypeFlags.Null | TypeFlags.Undefined)) !== 0;
  }

  #alternatives(type: Type): readonly Type[] {
    return type.isUnionType() ? type.getTypes() : [type];
  }

  #merged(shapes: readonly Shape[]): Shape | undefined {
    return shapes.reduce<Shape | undefined>((sum, shape) => both(sum, shape), undefined);
  }
}

/** Two types that can stand in the same place. */
function both(a: Shape | undefined, b: Shape): Shape {
  if (a === undefined || a === b) return b;
  const merge = (one: ReadonlyMap<string, Shape>, other: ReadonlyMap<string, Shape>) => {
    const sum = new Map(one);
    for (const [name, shape] of other) sum.set(name, both(sum.get(name), shape));
    return sum;
  };
  return {
    get fields() {
      return merge(a.fields, b.fields);
    },
    get kinds() {
      return merge(a.kinds, b.kinds);
    },
    get each() {
      return b.each === undefined ? a.each : both(a.each, b.each);
    },
    get plain() {
      return a.plain || b.plain;
    },
  };
}
