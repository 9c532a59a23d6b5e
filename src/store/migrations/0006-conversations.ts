/** Conversations of the Responses dialect, and their items. The texts are JSON as it was. */
export const conversations = `
create table conversations (
  organisation text not null,
  project text not null,
  id text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  metadata text not null,
  bytes int8 not null,
  primary key (project, id)
);
create index conversations_by_expiry on conversations (expires_at);
create table conversation_items (
  project text not null,
  conversation_id text not null,
  position int8 generated always as identity,
  id text not null,
  item text not null,
  deployment text,
  primary key (project, conversation_id, position),
  foreign key (project, conversation_id) references conversations (project, id) on delete cascade
);
`;
