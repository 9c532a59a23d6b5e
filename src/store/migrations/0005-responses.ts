/**
 * Answers of the Responses dialect, so that a later request can refer to them.
 * The two texts are JSON as it was: nothing in the database looks into them.
 */
export const responses = `
create table responses (
  organisation text not null,
  project text not null,
  id text not null,
  key_id text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  previous_id text,
  deployment text not null,
  upstream_keeps boolean not null,
  input text not null,
  response text not null,
  bytes int not null,
  primary key (project, id)
);
create index responses_by_expiry on responses (expires_at);
`;
