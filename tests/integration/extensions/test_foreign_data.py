# SPDX-License-Identifier: MIT
"""foreign-data through the command line: rows of another PostgreSQL database are really read."""

import json
import os
import socket
import unittest

from databases import Postgresql, Sqlite
from support import ExtensionTest

READER_PASSWORD = "it's \"secret\" \\ pass?"


class OnPostgresql(ExtensionTest):
    def make_database(self):
        return Postgresql()

    def setUp(self):
        super().setUp()
        self.other = Postgresql("other")
        self.addCleanup(self.other.drop)
        literal = READER_PASSWORD.replace("'", "''")
        self.other.run_as_admin(f"""
            DROP ROLE IF EXISTS reader;
            CREATE ROLE reader LOGIN PASSWORD '{literal}';
            CREATE SCHEMA "Odd ""schema"" x";
            CREATE TABLE public.customer (id int PRIMARY KEY, name text, joined date);
            CREATE TABLE public.empty (id int);
            CREATE TABLE "Odd ""schema"" x"."T'1" ("a""b" text);
            INSERT INTO public.customer VALUES (1, 'Zoë \U0001f986', '2024-02-29'), (2, NULL, NULL);
            INSERT INTO "Odd ""schema"" x"."T'1" VALUES ('x');
            GRANT USAGE ON SCHEMA "Odd ""schema"" x" TO reader;
            GRANT SELECT ON public.customer, public.empty, "Odd ""schema"" x"."T'1" TO reader""")
        self.addCleanup(self.other.run_as_admin, "DROP OWNED BY reader; DROP ROLE reader")
        self.password = self.write("password", READER_PASSWORD + "\n")

    def provide_wrapper(self):
        self.db.run_as_admin("CREATE EXTENSION postgres_fdw; "
                             "GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO em")

    def install(self):
        self.provide_wrapper()
        self.assertEqual(self.succeed("install", "foreign-data").out,
                         "installed foreign-data 1.0.0\n")

    def arguments(self, password=None, **values):
        values = {"name": "shop", "host": "127.0.0.1", "port": str(self.db.port),
                  "database": "other", "user": "reader", **values}
        return self.create_arguments("foreign-data", {"password": password or self.password},
                                     **values)

    def test_the_role_is_told_what_an_administrator_has_to_do(self):
        error = self.refuse(5, "install", "foreign-data")
        self.assertIn("must run CREATE EXTENSION postgres_fdw; "
                      'GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO "em"', error)
        self.db.run_as_admin("CREATE EXTENSION postgres_fdw")
        error = self.refuse(5, "install", "foreign-data")
        self.assertIn('must run GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO "em"', error)
        self.db.run_as_admin("GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO em")
        self.succeed("install", "foreign-data")

    def test_rows_of_the_other_database_are_read(self):
        self.install()
        self.assertEqual(self.succeed(*self.arguments()).out,
                         "created instance 'shop' of foreign-data (id shop)\n")
        self.assertEqual(self.db.rows("SELECT * FROM shop.customer ORDER BY id"),
                         [{"id": 1, "name": "Zoë \U0001f986", "joined": "2024-02-29"},
                          {"id": 2, "name": None, "joined": None}])
        self.assertEqual(self.db.rows("SELECT * FROM shop.empty"), [])
        self.other.run_as_admin("UPDATE customer SET name = 'new' WHERE id = 2")
        self.assertEqual(self.db.rows("SELECT name FROM shop.customer WHERE id = 2"),
                         [{"name": "new"}])
        with self.assertRaisesRegex(AssertionError, "permission denied"):
            self.db.run("DELETE FROM shop.customer")

    def test_another_schema_under_another_name(self):
        self.install()
        self.succeed(*self.arguments(remote_schema='Odd "schema" x', local_schema="Local_1"))
        self.assertEqual(self.db.rows("SELECT * FROM \"Local_1\".\"T'1\""), [{'a"b': "x"}])
        self.assertEqual(self.values("foreign-data", "shop")["remote-schema"], 'Odd "schema" x')

    def test_an_instance_is_shown_without_its_password(self):
        self.install()
        self.succeed(*self.arguments())
        self.assertEqual(self.instances("foreign-data"), ["shop"])
        values = self.values("foreign-data", "shop")
        self.assertIsNone(values.pop("password", None))
        self.assertEqual(values, {
            "name": "shop", "host": "127.0.0.1", "port": str(self.db.port), "database": "other",
            "user": "reader", "remote-schema": "public", "local-schema": "shop"})
        self.assertIn("127.0.0.1", self.succeed("instance", "show", "foreign-data", "shop").out)

    def test_two_instances_of_one_database(self):
        self.install()
        self.succeed(*self.arguments())
        self.succeed(*self.arguments(name="shop2"))
        self.assertEqual(self.instances("foreign-data"), ["shop", "shop2"])
        self.delete("foreign-data", "shop")
        self.assertEqual(self.instances("foreign-data"), ["shop2"])
        self.assertEqual(len(self.db.rows("SELECT * FROM shop2.customer")), 2)

    def test_nothing_is_left_after_delete_and_uninstall(self):
        self.provide_wrapper()
        self.db.run("CREATE SCHEMA extensions")
        before = self.db.dump()
        self.succeed("install", "foreign-data")
        installed = self.db.dump()
        self.succeed(*self.arguments())
        error = self.refuse(5, "uninstall", "foreign-data", "--yes")
        self.assertIn("shop", error)
        self.delete("foreign-data", "shop")
        self.assertEqual(self.db.dump(), installed)
        self.assertEqual(self.succeed("uninstall", "foreign-data", "--yes").out,
                         "uninstalled foreign-data 1.0.0\n")
        self.assertEqual(self.db.dump(), before)

    def test_a_superuser_needs_no_administrator(self):
        self.db.run_as_admin("CREATE SCHEMA extensions")
        before = self.db.dump()
        self.environment["EXTMGR_DB"] = self.db.admin._replace(path="/target").geturl()
        self.succeed("install", "foreign-data")
        self.assertNotEqual(self.db.dump(), before)
        self.succeed(*self.arguments())
        self.delete("foreign-data", "shop")
        self.succeed("uninstall", "foreign-data", "--yes")
        self.assertEqual(self.db.dump(), before)

    def test_a_wrong_password_is_refused_and_leaves_nothing(self):
        self.install()
        error = self.refuse(1, *self.arguments(password=self.write("wrong", "wrong\n")))
        self.assertIn("SQLSTATE 08001 (another server cannot be reached, or refuses the login)",
                      error)
        self.assertNotIn("--db", error)
        error = json.loads(self.refuse(1, *self.arguments(password=self.write("wrong", "wrong")),
                                       "--json"))
        self.assertEqual(error["code"], "EXTMGR_E_STATEMENT")

    def test_hosts_that_cannot_be_reached(self):
        self.install()
        with socket.create_server(("127.0.0.1", 0)) as server:
            closed = str(server.getsockname()[1])
        for values in ({"port": closed}, {"host": "nowhere.invalid"}, {"database": "nothing"},
                       {"user": "nobody"}):
            with self.subTest(values):
                error = self.refuse(1, *self.arguments(**values))
                self.assertIn("SQLSTATE 08001", error)
                self.assertNotIn("--db", error)

    def test_a_remote_schema_that_does_not_exist(self):
        self.install()
        error = self.refuse(1, *self.arguments(remote_schema="nothing"))
        self.assertIn("SQLSTATE", error)

    def test_a_host_that_never_answers_ends_with_the_timeout(self):
        self.install()
        with socket.create_server(("127.0.0.1", 0)) as server:
            error = self.refuse(3, *self.arguments(port=str(server.getsockname()[1])),
                                "--timeout", "2")
        self.assertIn("hint: ", error)

    def test_hostile_values(self):
        self.install()
        for values in ({"host": "127.0.0.1' , x '"}, {"database": "o'\"\\ther"},
                       {"user": "re'ader', password 'x"}, {"remote_schema": 'pub"; DROP'}):
            with self.subTest(values):
                self.refuse(1, *self.arguments(**values))
        for values in ({"name": 'a"b'}, {"name": "x" * 64}, {"local_schema": "a b"},
                       {"port": "1; x"}, {"host": ""}, {"host": "h" * 256}):
            with self.subTest(values):
                self.refuse(5, *self.arguments(**values))

    def test_invalid_parameters_are_reported_all_at_once(self):
        self.install()
        error = self.refuse(5, *self.create_arguments("foreign-data", name="1x", port="99999",
                                                      colour="red"))
        for name in ("name", "host", "port", "database", "user", "colour"):
            self.assertIn(f"({name})", error)

    def test_names_that_are_taken(self):
        self.install()
        self.succeed(*self.arguments())
        self.assertIn("already exists", self.refuse(5, *self.arguments()))
        self.assertIn("Schema 'public' already exists",
                      self.refuse(5, *self.arguments(name="shop2", local_schema="public")))

    def test_a_password_is_needed(self):
        self.install()
        empty = self.write("empty", "")
        self.assertIn("password", self.refuse(5, *self.arguments(password=empty)))

    def test_what_others_made_is_never_dropped(self):
        self.install()
        self.db.run("CREATE SERVER by_hand FOREIGN DATA WRAPPER postgres_fdw")
        self.succeed(*self.arguments())
        self.assertEqual(self.instances("foreign-data"), ["shop"])
        self.db.run("CREATE VIEW names AS SELECT name FROM shop.customer; "
                    "CREATE TABLE shop.own (id int)")
        error = self.refuse(5, "instance", "delete", "foreign-data", "shop", "--yes")
        self.assertIn("view names", error)
        self.assertIn("table shop.own", error)
        self.db.run("DROP VIEW names; DROP TABLE shop.own")
        self.delete("foreign-data", "shop")
        before = self.db.snapshot()
        self.succeed("instance", "delete", "foreign-data", "by_hand", "--yes")
        self.assertEqual(self.db.snapshot(), before)

    def test_a_rehearsal_changes_nothing(self):
        self.provide_wrapper()
        self.rehearse("install", "foreign-data", expect="CREATE TABLE")
        self.succeed("install", "foreign-data")
        self.rehearse(*self.arguments(), expect="IMPORT FOREIGN SCHEMA")
        self.succeed(*self.arguments())
        self.rehearse("instance", "delete", "foreign-data", "shop", expect="DROP SERVER")
        self.delete("foreign-data", "shop")
        self.rehearse("uninstall", "foreign-data", expect="DROP TABLE")

    def test_there_is_nothing_to_upgrade(self):
        self.refuse(5, "upgrade", "foreign-data")
        self.install()
        self.assertIn("nothing to do", self.succeed("upgrade", "foreign-data").out)
        self.assertEqual(self.document("list", "--upgradable")["extensions"], [])
        states = {extension["id"]: extension["state"]
                  for extension in self.document("search")["extensions"]}
        self.assertEqual(states, {"audit-log": "available", "foreign-data": "installed"})


class OnSqlite(ExtensionTest):
    def make_database(self):
        return Sqlite(self.directory)

    def test_it_is_refused_with_the_reason(self):
        for arguments in (["install", "foreign-data"], ["install", "foreign-data", "--dry-run"],
                          ["plan", "install", "foreign-data"]):
            error = self.refuse(5, *arguments)
            self.assertIn("needs a database of dialect postgresql, this one is sqlite", error)
        password = self.write("password", "x")
        self.refuse(5, *self.create_arguments("foreign-data", {"password": password}, name="a",
                                              host="b", database="c", user="d"))
        self.refuse(1, "uninstall", "foreign-data", "--yes")
        self.assertEqual(os.path.getsize(self.db.path), 0)

    def test_it_is_not_listed_as_available(self):
        found = [extension for extension in self.document("search")["extensions"]
                 if extension["id"] == "foreign-data"][0]
        self.assertEqual(found["state"], "unavailable")
        self.assertIn("needs a database of dialect postgresql, this one is sqlite",
                      found["reason"])
        details = self.document("info", "foreign-data")
        self.assertEqual(details["state"], "unavailable")
        self.assertEqual(details["requirements"]["dialects"], ["postgresql"])
        self.assertIn("needs dialect: postgresql", self.succeed("info", "foreign-data").out)


if __name__ == "__main__":
    unittest.main()
