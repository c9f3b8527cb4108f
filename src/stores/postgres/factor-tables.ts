/**
 * The tables of second factors. One row of authenticator apps and one of recovery codes an account, so that each change
 * of them is one statement. Each passkey of an account has a place among them: two that are added at once want the same
 * one, and the second of them sees that it was not alone. A passkey without its owner's row there cannot be.
 */
export const FACTOR_TABLES = `CREATE TABLE totp (
     account            text COLLATE "C" PRIMARY KEY,
     id                 text COLLATE "C",
     sealed             text COLLATE "C",
     last_step          bigint,
     confirmed_at       bigint,
     used_at            bigint,
     pending_id         text COLLATE "C",
     pending_sealed     text COLLATE "C",
     pending_expires_at bigint
   );
   CREATE INDEX totp_by_end ON totp (pending_expires_at) WHERE pending_expires_at IS NOT NULL;

   CREATE TABLE recovery_codes (
     account text COLLATE "C" PRIMARY KEY,
     hashes  jsonb NOT NULL,
     made_at bigint NOT NULL
   );

   CREATE TABLE passkey_users (
     account     text COLLATE "C" PRIMARY KEY,
     user_handle text COLLATE "C" NOT NULL UNIQUE
   );

   CREATE TABLE passkeys (
     credential_id   text COLLATE "C" PRIMARY KEY,
     account         text COLLATE "C" NOT NULL REFERENCES passkey_users (account) ON DELETE CASCADE,
     place           integer NOT NULL,
     public_key      text NOT NULL,
     counter         bigint NOT NULL,
     backup_eligible boolean NOT NULL,
     backed_up       boolean NOT NULL,
     transports      text NOT NULL,
     aaguid          text NOT NULL,
     name            text NOT NULL,
     created_at      bigint NOT NULL,
     used_at         bigint,
     UNIQUE (account, place)
   );

   CREATE TABLE devices (
     id         text COLLATE "C" PRIMARY KEY,
     seq        bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
     account    text COLLATE "C" NOT NULL,
     token_hash text COLLATE "C" NOT NULL,
     created_at bigint NOT NULL,
     used_at    bigint NOT NULL,
     expires_at bigint NOT NULL,
     address    text NOT NULL,
     user_agent text NOT NULL
   );
   CREATE INDEX devices_by_account ON devices (account);
   CREATE INDEX devices_by_end ON devices (expires_at);`;
