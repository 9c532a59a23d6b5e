/** What Postgres says about a failed statement, field for field as `pg` names them. */
export interface DatabaseErrorFields {
  readonly message: string;
  readonly severity?: string | undefined;
  /** The SQLSTATE, five characters. */
  readonly code?: string | undefined;
  readonly detail?: string | undefined;
  readonly hint?: string | undefined;
  readonly position?: string | undefined;
  readonly where?: string | undefined;
  readonly schema?: string | undefined;
  readonly table?: string | undefined;
  readonly column?: string | undefined;
  readonly dataType?: string | undefined;
  readonly constraint?: string | undefined;
}

/** A statement that Postgres refused. Shaped like `pg`'s class of the same name, so that callers read one shape on both engines. */
export class DatabaseError extends Error implements DatabaseErrorFields {
  readonly severity: string | undefined;
  readonly code: string | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
  readonly position: string | undefined;
  readonly where: string | undefined;
  readonly schema: string | undefined;
  readonly table: string | undefined;
  readonly column: string | undefined;
  readonly dataType: string | undefined;
  readonly constraint: string | undefined;

  constructor(fields: DatabaseErrorFields) {
    super(fields.message);
    this.name = 'DatabaseError';
    this.severity = fields.severity;
    this.code = fields.code;
    this.detail = fields.detail;
    this.hint = fields.hint;
    this.position = fields.position;
    this.where = fields.where;
    this.schema = fields.schema;
    this.table = fields.table;
    this.column = fields.column;
    this.dataType = fields.dataType;
    this.constraint = fields.constraint;
  }
}

/** The fields as plain data, to cross a thread. */
export function databaseErrorFields(error: DatabaseErrorFields): DatabaseErrorFields {
  const { message, severity, code, detail, hint, position, where, schema, table, column, dataType, constraint } = error;
  return { message, severity, code, detail, hint, position, where, schema, table, column, dataType, constraint };
}
