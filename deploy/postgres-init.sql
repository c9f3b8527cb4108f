-- Run once, by psql and as the superuser, when the database of compose.yaml is made.
--
-- Strongroom is no superuser: one of those reads files and starts programs through SQL, so that a flaw in a statement
-- would be a way into the container. It owns its database, and cannot touch another.
\set ON_ERROR_STOP on
\set password `cat /run/secrets/database_password`

CREATE ROLE strongroom LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
  CONNECTION LIMIT 40 PASSWORD :'password';
CREATE DATABASE strongroom OWNER strongroom;
REVOKE ALL ON DATABASE strongroom FROM PUBLIC;
REVOKE CONNECT ON DATABASE postgres, template1 FROM PUBLIC;

\connect strongroom
REVOKE ALL ON SCHEMA public FROM PUBLIC;
