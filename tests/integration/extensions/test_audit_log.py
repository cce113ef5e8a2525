# SPDX-License-Identifier: MIT
"""audit-log through the command line: it audits, purges, upgrades, and leaves nothing behind."""

import json
import subprocess
import unittest
from urllib.parse import unquote

from databases import Postgresql, Sqlite, quote
from support import ExtensionTest

ORDERS = """
    CREATE TABLE orders (id INTEGER PRIMARY KEY, item TEXT, amount INTEGER);
    INSERT INTO orders VALUES (1, 'tea', 2), (2, 'milk', 1);
"""
# Names that end strings, comments and identifiers too early, or that SQL and placeholders know.
HOSTILE_NAMES = [
    "select", "new", "OLD", "MiXeD", "o'rders", 'say "hi"', "a;DROP TABLE orders;--", "/*", "-- x",
    "back\\slash", "trailing\\", "$body$", "what?", "??", "{fn now()}", "%I%s", "[a]", "`b`",
    " padded ", "line\nfeed", "größe 表 \U0001f986", "x" * 63, "audit_log_key",
]
HOSTILE_COLUMNS = ["id", "new", "o'clock", 'say "hi"', "a\\b", "what?", "größe \U0001f986", "$body$"]


def decoded(value):
    """SQLite keeps JSON as text."""
    return json.loads(value) if isinstance(value, str) else value


class AuditLog:
    """The same for both databases; LOG, NAMESPACE and days_ago() tell them apart."""

    def setUp(self):
        super().setUp()
        self.db.run(ORDERS)

    def install(self, version="1.1.0"):
        self.assertEqual(self.succeed("install", "audit-log@" + version).out,
                         f"installed audit-log {version}\n")

    def id(self, table):
        return self.NAMESPACE + table

    def columns(self):
        return set(self.db.rows(f"SELECT * FROM {self.LOG} WHERE id = "
                                f"(SELECT max(id) FROM {self.LOG})")[0])

    def entries(self, columns="table_name, operation, row_data"):
        rows = self.db.rows(f"SELECT {columns} FROM {self.LOG} ORDER BY id")
        return [tuple(decoded(value) if key in ("row_data", "old_row") else value
                      for key, value in row.items()) for row in rows]

    def age(self, days, where="TRUE"):
        self.db.run(f"UPDATE {self.LOG} SET changed_at = {self.days_ago(days)} WHERE {where}")

    def change_orders(self):
        self.db.run("INSERT INTO orders VALUES (3, 'bread', 5);"
                    "UPDATE orders SET amount = 4 WHERE id = 1;"
                    "DELETE FROM orders WHERE id = 2")

    CHANGES = [
        ("insert", {"id": 3, "item": "bread", "amount": 5}),
        ("update", {"id": 1, "item": "tea", "amount": 4}),
        ("delete", {"id": 2, "item": "milk", "amount": 1}),
    ]

    def test_changes_are_recorded_as_json(self):
        for version in ("1.0.0", "1.1.0"):
            with self.subTest(version):
                self.install(version)
                self.create("audit-log", table="orders")
                self.change_orders()
                self.assertEqual(self.entries(),
                                 [(self.id("orders"), *change) for change in self.CHANGES])
                self.delete("audit-log", self.id("orders"))
                self.succeed("uninstall", "audit-log", "--yes")
                self.db.run("DROP TABLE orders;" + ORDERS)

    def test_the_row_before_an_update_is_recorded_since_1_1_0(self):
        self.install()
        self.create("audit-log", table="orders")
        self.change_orders()
        self.assertEqual(self.entries("operation, old_row"),
                         [("insert", None), ("update", {"id": 1, "item": "tea", "amount": 2}),
                          ("delete", None)])

    def test_values_survive_exactly(self):
        texts = ["o'clock", 'say "hi"', "a\\b", "line\nfeed\ttab", "größe \U0001f986", "", "null"]
        self.install()
        self.create("audit-log", table="orders")
        for at, text in enumerate(texts):
            literal = text.replace("'", "''")
            self.db.run(f"INSERT INTO orders VALUES ({100 + at}, '{literal}', NULL)")
        self.assertEqual(self.entries("row_data"),
                         [({"id": 100 + at, "item": text, "amount": None},)
                          for at, text in enumerate(texts)])

    def test_only_the_operations_asked_for_are_recorded(self):
        self.install()
        for operations in ("insert", "update", "delete", "insert,update", "insert,delete",
                           "update,delete", "insert,update,delete"):
            with self.subTest(operations):
                self.db.run(f"DROP TABLE orders; DELETE FROM {self.LOG};" + ORDERS)
                instance = self.create("audit-log", table="orders", operations=operations)
                self.change_orders()
                self.assertEqual([row[0] for row in self.entries("operation")],
                                 operations.split(","))
                self.delete("audit-log", instance)

    def test_every_row_of_a_statement_is_recorded_and_a_rollback_records_nothing(self):
        self.install()
        self.create("audit-log", table="orders")
        self.db.run("UPDATE orders SET amount = amount + 1")
        self.db.run("BEGIN; DELETE FROM orders; ROLLBACK")
        self.assertEqual([row[2]["amount"] for row in self.entries()], [3, 2])

    def test_old_entries_are_purged_at_the_next_change(self):
        self.db.run("CREATE TABLE stock (id INTEGER); CREATE TABLE kept (id INTEGER)")
        self.install()
        self.create("audit-log", table="orders", keep_days="30")
        self.create("audit-log", table="stock", keep_days="90")
        self.create("audit-log", table="kept")
        self.db.run("INSERT INTO orders VALUES (10, 'old', 1), (11, 'new', 1);"
                    "INSERT INTO stock VALUES (1); INSERT INTO kept VALUES (1)")
        self.age(31)
        self.age(29, f"table_name = '{self.id('orders')}' AND id = 2")
        self.db.run("UPDATE orders SET amount = 7 WHERE id = 1")
        self.assertEqual(self.entries("table_name, operation"),
                         [(self.id("orders"), "insert"), (self.id("stock"), "insert"),
                          (self.id("kept"), "insert"), (self.id("orders"), "update")])
        self.age(100000)
        self.db.run("INSERT INTO stock VALUES (2); INSERT INTO kept VALUES (2)")
        self.assertEqual(sorted(self.entries("table_name, operation")),
                         sorted([(self.id("orders"), "insert"), (self.id("orders"), "update"),
                                 (self.id("stock"), "insert"), (self.id("kept"), "insert"),
                                 (self.id("kept"), "insert")]))

    def test_purging_works_on_after_the_upgrade_and_ends_with_the_instance(self):
        self.install("1.0.0")
        self.create("audit-log", table="orders", keep_days="7")
        self.db.run("INSERT INTO orders VALUES (10, 'a', 1)")
        self.succeed("upgrade", "audit-log")
        self.age(8)
        self.db.run("INSERT INTO orders VALUES (11, 'b', 1)")
        self.assertEqual([row[0]["id"] for row in self.entries("row_data")], [11])
        self.delete("audit-log", self.id("orders"))
        self.age(8)
        self.db.run("INSERT INTO orders VALUES (12, 'c', 1)")
        self.assertEqual([row[0]["id"] for row in self.entries("row_data")], [11])

    def test_the_upgrade_changes_the_schema_and_keeps_all_data(self):
        self.db.run("CREATE TABLE stock (id INTEGER)")
        self.install("1.0.0")
        self.create("audit-log", table="orders", operations="insert,update", keep_days="30")
        self.create("audit-log", table="stock")
        self.change_orders()
        self.db.run("INSERT INTO stock VALUES (1)")
        everything = "id, changed_at, table_name, operation, row_data"
        entries = self.entries(everything)
        values = self.values("audit-log", self.id("orders"))
        columns = self.columns()
        self.assertEqual(len(entries), 3)

        self.assertEqual(self.succeed("upgrade", "audit-log").out,
                         "upgraded audit-log from 1.0.0 to 1.1.0\n")
        self.assertEqual(self.columns() - columns, self.NEW_COLUMNS)
        self.assertEqual(self.entries(everything), entries)
        self.assertEqual(self.instances("audit-log"), [self.id("orders"), self.id("stock")])
        self.assertEqual(self.values("audit-log", self.id("orders")), values)

        self.db.run("UPDATE orders SET item = 'rye' WHERE id = 3; DELETE FROM orders WHERE id = 3;"
                    "UPDATE stock SET id = 2")
        self.assertEqual(self.entries("operation, row_data, old_row")[3:], [
            ("update", {"id": 3, "item": "rye", "amount": 5},
             {"id": 3, "item": "bread", "amount": 5}),
            ("update", {"id": 2}, {"id": 1}),
        ])

    def test_upgraded_and_newly_installed_are_the_same(self):
        self.install()
        self.create("audit-log", table="orders", keep_days="3")
        expected = self.db.dump()
        self.delete("audit-log", self.id("orders"))
        self.succeed("uninstall", "audit-log", "--yes")
        self.install("1.0.0")
        self.create("audit-log", table="orders", keep_days="3")
        self.succeed("upgrade", "audit-log")
        self.assertEqual(self.comparable(self.db.dump()), self.comparable(expected))

    def test_a_second_upgrade_has_nothing_to_do(self):
        self.install("1.0.0")
        self.succeed("upgrade", "audit-log")
        before = self.db.snapshot()
        self.assertEqual(self.succeed("upgrade", "audit-log").out,
                         "audit-log is up to date: nothing to do\n")
        self.assertEqual(self.document("upgrade", "audit-log")["outcome"], "unchanged")
        self.assertEqual(self.db.snapshot(), before)

    def test_instances_are_listed_shown_and_deleted(self):
        self.db.run("CREATE TABLE stock (id INTEGER)")
        self.install()
        self.assertEqual(self.instances("audit-log"), [])
        self.create("audit-log", table="orders", operations="update", keep_days="90")
        self.create("audit-log", table="stock")
        self.assertEqual(self.instances("audit-log"), [self.id("orders"), self.id("stock")])
        self.assertEqual(self.values("audit-log", self.id("orders")),
                         {"table": "orders", "schema": self.SCHEMA, "operations": "update",
                          "keep-days": "90"})
        shown = self.succeed("instance", "show", "audit-log", self.id("orders")).out
        self.assertRegex(shown, r"(?m)^keep-days +90$")
        self.delete("audit-log", self.id("orders"))
        self.assertEqual(self.instances("audit-log"), [self.id("stock")])
        self.db.run("UPDATE orders SET amount = 9; INSERT INTO stock VALUES (1)")
        self.assertEqual(self.entries("table_name"), [(self.id("stock"),)])
        self.refuse(1, "instance", "show", "audit-log", self.id("orders"))

    def test_uninstall_is_refused_while_a_table_is_audited(self):
        self.install()
        self.create("audit-log", table="orders")
        for version in ("", "@1.1.0"):
            error = self.refuse(5, "uninstall", "audit-log" + version, "--yes")
            self.assertIn(self.id("orders"), error)
            self.assertIn("instance delete", error)
        error = json.loads(self.refuse(5, "uninstall", "audit-log", "--yes", "--json"))
        self.assertEqual(error["code"], "EXTMGR_E_INSTANCES_EXIST")
        self.assertEqual(error["class"], "conflict")

    def test_nothing_is_left_after_uninstall(self):
        before = self.db.dump()
        for version in ("1.0.0", "1.1.0"):
            self.install(version)
            instance = self.create("audit-log", table="orders", keep_days="30")
            self.db.run("UPDATE orders SET amount = amount")
            self.delete("audit-log", instance)
            self.succeed("uninstall", "audit-log", "--yes")
            self.assertEqual(self.db.dump(), before)
        self.refuse(1, "uninstall", "audit-log", "--yes")

    def test_a_rehearsal_changes_nothing(self):
        self.rehearse("install", "audit-log@1.0.0", expect="CREATE TABLE")
        self.install("1.0.0")
        self.rehearse("upgrade", "audit-log", expect="ADD COLUMN")
        create = self.create_arguments("audit-log", table="orders", keep_days="3")
        self.rehearse(*create, expect="CREATE TRIGGER")
        self.succeed(*create)
        self.rehearse("upgrade", "audit-log", expect="ADD COLUMN")
        self.rehearse("instance", "delete", "audit-log", self.id("orders"), expect="DROP TRIGGER")
        self.refuse(5, "uninstall", "audit-log", "--dry-run")
        self.delete("audit-log", self.id("orders"))
        self.rehearse("uninstall", "audit-log", expect="DROP TABLE")

    def test_hostile_names_of_tables(self):
        self.install("1.0.0")
        before = self.db.dump()
        for name in HOSTILE_NAMES:
            with self.subTest(name):
                self.db.run(f"CREATE TABLE {quote(name)} (id INTEGER)")
                instance = self.create("audit-log", table=name, keep_days="1")
                self.assertEqual(self.values("audit-log", instance)["table"], name)
                self.db.run(f"INSERT INTO {quote(name)} VALUES (1)")
                self.age(2)
                self.db.run(f"UPDATE {quote(name)} SET id = 2")
                self.assertEqual(self.entries(), [(instance, "update", {"id": 2})])
                self.delete("audit-log", instance)
                self.db.run(f"DROP TABLE {quote(name)}; DELETE FROM {self.LOG}")
        self.assertEqual(self.comparable(self.db.dump()), self.comparable(before))

    def test_hostile_names_survive_the_upgrade(self):
        self.install("1.0.0")
        for name in HOSTILE_NAMES:
            self.db.run(f"CREATE TABLE {quote(name)} (id INTEGER)")
            self.create("audit-log", table=name)
        self.succeed("upgrade", "audit-log")
        for name in HOSTILE_NAMES:
            self.db.run(f"INSERT INTO {quote(name)} VALUES (1); UPDATE {quote(name)} SET id = 2")
        self.assertEqual([row for row in self.entries("operation, old_row") if row[1]],
                         [("update", {"id": 1})] * len(HOSTILE_NAMES))
        self.assertEqual(len(self.instances("audit-log")), len(HOSTILE_NAMES))

    def test_hostile_names_of_columns(self):
        self.db.run("CREATE TABLE strange (" +
                    ", ".join(quote(name) + " INTEGER" for name in HOSTILE_COLUMNS) + ")")
        self.install()
        self.create("audit-log", table="strange")
        self.db.run(f"INSERT INTO strange VALUES ({', '.join('7' for _ in HOSTILE_COLUMNS)})")
        self.assertEqual(self.entries("row_data"), [(dict.fromkeys(HOSTILE_COLUMNS, 7),)])

    def test_tables_that_cannot_be_audited(self):
        self.db.run("CREATE VIEW orders_view AS SELECT * FROM orders")
        self.install()
        for table in ("nothing", "orders_view", "ORDERS'", "orders; DROP TABLE orders"):
            with self.subTest(table):
                error = self.refuse(5, *self.create_arguments("audit-log", table=table))
                self.assertIn(f"Table '{table}' does not exist", error)
        error = self.refuse(5, *self.create_arguments("audit-log", table="audit_log",
                                                      schema=self.LOG_SCHEMA))
        self.assertIn("belongs to the audit log itself", error)

    def test_a_table_is_audited_once(self):
        self.install()
        self.create("audit-log", table="orders")
        error = self.refuse(5, *self.create_arguments("audit-log", table="orders",
                                                      operations="insert"))
        self.assertIn("already audited", error)

    def test_invalid_parameters_are_reported_all_at_once(self):
        self.install()
        error = self.refuse(5, *self.create_arguments("audit-log", operations="truncate",
                                                      keep_days="-1", colour="red"))
        for name in ("table", "operations", "keep-days", "colour"):
            self.assertIn(f"({name})", error)
        for days in ("123456", "1.5", "1 day", "1'; DROP TABLE orders; --", "１"):
            self.refuse(5, *self.create_arguments("audit-log", table="orders", keep_days=days))

    def test_versions_that_do_not_exist(self):
        for version in ("9.9.9", "1.0", "v1.0.0"):
            error = self.refuse(1, "install", "audit-log@" + version)
            self.assertIn(version, error)
        self.install("1.0.0")
        self.refuse(5, "upgrade", "audit-log@9.9.9")
        self.refuse(5, "install", "audit-log@1.1.0")
        self.refuse(1, "uninstall", "audit-log@9.9.9", "--yes")

    def test_nothing_works_before_install(self):
        self.refuse(1, *self.create_arguments("audit-log", table="orders"))
        self.refuse(1, "instance", "list", "audit-log")
        self.refuse(1, "instance", "delete", "audit-log", "orders", "--yes")
        self.refuse(1, "uninstall", "audit-log", "--yes")

    def test_installing_again_changes_nothing(self):
        self.install("1.0.0")
        before = self.db.snapshot()
        self.succeed("install", "audit-log@1.0.0", "--no-history")
        self.assertEqual(self.db.snapshot(), before)

    def test_an_audited_table_may_be_renamed_or_dropped(self):
        self.db.run("CREATE TABLE stock (id INTEGER)")
        self.install("1.0.0")
        orders = self.create("audit-log", table="orders")
        stock = self.create("audit-log", table="stock")
        self.db.run("ALTER TABLE orders RENAME TO sales; DROP TABLE stock")
        self.db.run("UPDATE sales SET amount = 3 WHERE id = 1")
        self.assertEqual(self.entries("table_name, operation"), [(orders, "update")])
        self.succeed("upgrade", "audit-log")
        self.db.run("UPDATE sales SET amount = 4 WHERE id = 1")
        self.assertEqual(self.entries("old_row")[1][0]["amount"], 3)
        for instance in (orders, stock):
            self.delete("audit-log", instance)
        self.succeed("uninstall", "audit-log", "--yes")
        self.assertNotIn("audit_log", "\n".join(self.db.dump()))

    def test_states_in_the_lists(self):
        def states():
            document = self.document("search")
            return {extension["id"]: (extension["state"], extension["installedVersion"],
                                      extension["latestVersion"])
                    for extension in document["extensions"]}

        there = "available" if isinstance(self.db, Postgresql) else "unavailable"
        self.assertEqual(states(), {"audit-log": ("available", None, "1.1.0"),
                                    "foreign-data": (there, None, "1.0.0")})
        self.assertEqual(self.succeed("list").out, "")
        self.install("1.0.0")
        self.assertEqual(states()["audit-log"], ("upgradable", "1.0.0", "1.1.0"))
        self.assertRegex(self.succeed("list", "--upgradable").out,
                         r"(?m)^audit-log +upgradable +1\.0\.0 +1\.1\.0")
        self.succeed("upgrade", "audit-log")
        self.assertEqual(states()["audit-log"], ("installed", "1.1.0", "1.1.0"))
        self.assertEqual(self.succeed("list", "--upgradable").out, "")
        self.assertEqual([extension["id"] for extension in self.document("list")["extensions"]],
                         ["audit-log"])
        self.assertNotIn("foreign-data", self.succeed("search", "inserts").out)

    def test_info_of_both(self):
        document = self.document("info", "audit-log")
        self.assertEqual(document["version"], "1.1.0")
        self.assertEqual([version["name"] for version in document["installableVersions"]],
                         ["1.1.0", "1.0.0"])
        self.assertEqual([parameter["id"] for parameter in document["parameterDefinitions"]],
                         ["table", "schema", "operations", "keep-days"])
        document = self.document("info", "foreign-data")
        self.assertEqual([parameter["id"] for parameter in document["parameterDefinitions"]
                          if parameter.get("secret")], ["password"])
        self.assertRegex(document["digest"], r"\Asha256:[0-9a-f]{64}\Z")


class OnSqlite(AuditLog, ExtensionTest):
    LOG = "audit_log"
    LOG_SCHEMA = "main"
    SCHEMA = "main"
    NAMESPACE = ""
    NEW_COLUMNS = {"old_row"}

    def make_database(self):
        return Sqlite(self.directory)

    @staticmethod
    def days_ago(days):
        return f"strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '-{days} days')"

    @staticmethod
    def comparable(dump):
        """A column that was added is written down in another way than one of the beginning."""
        return [line.replace("\\n", " ") for line in dump]

    def test_names_are_found_without_regard_to_case(self):
        self.install()
        self.assertEqual(self.create("audit-log", table="ORDERS"), "orders")
        self.refuse(5, *self.create_arguments("audit-log", table="Orders"))

    def test_there_are_no_schemas(self):
        self.install()
        error = self.refuse(5, *self.create_arguments("audit-log", table="orders", schema="temp"))
        self.assertIn("no schemas", error)
        self.create("audit-log", table="orders", schema="main")

    def test_tables_that_no_trigger_can_stand_on(self):
        self.db.run("CREATE VIRTUAL TABLE words USING fts5(a); "
                    "CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT)")
        self.install()
        for table in ("words", "sqlite_sequence", "sqlite_master"):
            self.refuse(5, *self.create_arguments("audit-log", table=table))

    def test_values_of_other_types(self):
        self.db.run("CREATE TABLE types (a, b AS (a) STORED)")
        self.install()
        self.create("audit-log", table="types")
        self.db.run("INSERT INTO types VALUES (x'00ff'), (1.5), (9007199254740993), (NULL)")
        self.assertEqual(self.entries("row_data"),
                         [({"a": value, "b": value},)
                          for value in ("00FF", 1.5, 9007199254740993, None)])

    def test_a_table_with_many_columns(self):
        names = [f"c{number}" for number in range(400)]
        self.db.run(f"CREATE TABLE wide ({', '.join(names)})")
        self.install()
        self.create("audit-log", table="wide")
        self.db.run("INSERT INTO wide (c0, c399) VALUES (1, 2)")
        self.assertEqual(self.entries("row_data"),
                         [({**dict.fromkeys(names), "c0": 1, "c399": 2},)])

    def test_a_file_that_is_locked_is_busy_and_unchanged(self):
        self.install("1.0.0")
        connection = self.db.connect()
        self.addCleanup(connection.close)
        for arguments in (["upgrade", "audit-log"], ["uninstall", "audit-log", "--yes"],
                          self.create_arguments("audit-log", table="orders")):
            connection.execute("BEGIN IMMEDIATE")
            error = self.refuse(3, *arguments, "--timeout", "1")
            connection.execute("ROLLBACK")
            self.assertIn("hint: ", error)
            self.succeed(*arguments, "--dry-run")
        connection.execute("BEGIN EXCLUSIVE")
        self.fail_with(3, "list", "--timeout", "1")

    def test_of_commands_that_race_each_one_is_done_or_busy(self):
        before = self.db.dump()
        self.install()
        expected = self.db.dump()
        self.succeed("uninstall", "audit-log", "--yes")
        for _ in range(3):
            processes = [self.start_program("install", "audit-log") for _ in range(4)]
            results = [self.finish_program(process) for process in processes]
            codes = {result.code for result in results}
            self.assertIn(0, codes)
            self.assertLessEqual(codes, {0, 3}, [result.err for result in results])
            self.assertEqual(self.db.dump(), expected)
            self.succeed("uninstall", "audit-log", "--yes")
            self.assertEqual(self.db.dump(), before)

    def test_what_waits_for_the_lock_goes_on_when_it_is_free(self):
        connection = self.db.connect()
        self.addCleanup(connection.close)
        connection.execute("BEGIN IMMEDIATE")
        process = self.start_program("-vv", "install", "audit-log", "--timeout", "30")
        for line in process.stderr:
            if b"step: begin" in line:
                break
        connection.execute("COMMIT")
        self.assertEqual(self.finish_program(process).code, 0)


class OnPostgresql(AuditLog, ExtensionTest):
    LOG = "extensions.audit_log"
    LOG_SCHEMA = "extensions"
    SCHEMA = "public"
    NAMESPACE = "public."
    NEW_COLUMNS = {"old_row", "changed_by"}

    def setUp(self):
        super().setUp()
        # Made by the library, but not removed: others may use it.
        self.db.run("CREATE SCHEMA extensions")

    def make_database(self):
        return Postgresql()

    @staticmethod
    def days_ago(days):
        return f"now() - make_interval(days => {days})"

    @staticmethod
    def comparable(dump):
        """The counter of entries goes on; the dump tells where it is."""
        return [line for line in dump if "pg_catalog.setval" not in line]

    def test_the_schema_is_made_and_owned_by_the_role(self):
        self.db.run("DROP SCHEMA extensions CASCADE")
        self.install()
        self.assertEqual(self.db.rows("SELECT schema_owner FROM information_schema.schemata "
                                      "WHERE schema_name = 'extensions'"),
                         [{"schema_owner": "em"}])
        self.succeed("uninstall", "audit-log", "--yes")
        self.assertNotIn("audit_log", "\n".join(self.db.dump()))

    def test_the_role_is_no_superuser(self):
        self.assertEqual(self.db.rows("SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles "
                                      "WHERE rolname = current_user"),
                         [{"rolsuper": False, "rolcreaterole": False, "rolcreatedb": False}])

    def test_it_lives_in_the_schema_that_was_asked_for(self):
        before = self.db.dump()
        for command in (["install", "audit-log"],
                        self.create_arguments("audit-log", table="orders")):
            self.succeed("--schema", "Tools", *command)
        self.change_orders()
        self.assertEqual(len(self.db.rows('SELECT * FROM "Tools".audit_log')), 3)
        self.fail_with(1, "instance", "list", "audit-log")
        self.succeed("--schema", "Tools", "instance", "delete", "audit-log", "public.orders",
                     "--yes")
        self.succeed("--schema", "Tools", "uninstall", "audit-log", "--yes")
        self.db.run('DROP SCHEMA "Tools" CASCADE; DROP TABLE orders;' + ORDERS)
        self.assertEqual(self.db.dump(), before)

    def test_hostile_schemas_of_the_library_are_refused(self):
        for schema in ('a"b', "a b", "a;b", "a'b", "ä", "1a", "x" * 200):
            with self.subTest(schema):
                before = self.db.snapshot()
                result = self.run_program("--schema", schema, "install", "audit-log")
                self.assertIn(result.code, (2, 5), result.err)
                self.assertIn("hint: ", result.err)
                self.assertEqual(self.db.snapshot(), before)

    def test_tables_of_other_schemas(self):
        self.db.run("""CREATE SCHEMA "sh""op's"; CREATE TABLE "sh""op's"."a.b" (id int);
                       CREATE SCHEMA sales; CREATE TABLE sales.orders (id int)""")
        self.install()
        self.assertEqual(self.create("audit-log", table="sales.orders"), "sales.orders")
        self.assertEqual(self.create("audit-log", table="orders"), "public.orders")
        self.refuse(5, *self.create_arguments("audit-log", table="orders", schema="sales"))
        instance = self.create("audit-log", table="a.b", schema="sh\"op's")
        self.assertEqual(instance, '"sh""op\'s"."a.b"')
        self.db.run("""INSERT INTO "sh""op's"."a.b" VALUES (1); INSERT INTO sales.orders VALUES (2);
                       UPDATE orders SET amount = 1 WHERE id = 1""")
        self.assertEqual([row[0] for row in self.entries("table_name")],
                         [instance, "sales.orders", "public.orders"])
        self.assertEqual(self.values("audit-log", instance)["schema"], "sh\"op's")

    def test_values_of_other_types(self):
        self.db.run("CREATE TABLE types (a numeric, b boolean, c jsonb, d date, e int[])")
        self.install()
        self.create("audit-log", table="types")
        self.db.run("INSERT INTO types VALUES (9007199254740993, true, '{\"x\": [null]}', "
                    "'2024-02-29', '{1,2}')")
        self.assertEqual(self.entries("row_data"), [({
            "a": 9007199254740993, "b": True, "c": {"x": [None]}, "d": "2024-02-29",
            "e": [1, 2]},)])

    def test_who_changed_it_is_recorded_and_needs_no_right_on_the_log(self):
        self.db.run_as_admin("DROP ROLE IF EXISTS writer; "
                             "CREATE ROLE writer LOGIN PASSWORD 'writes'")
        self.addCleanup(self.drop_writer)
        self.install()
        self.create("audit-log", table="orders", keep_days="10")
        self.db.run("GRANT INSERT ON orders TO writer")
        self.db.run_as("writer", "writes", "INSERT INTO orders VALUES (5, 'a', 1)")
        self.db.run("INSERT INTO orders VALUES (6, 'b', 1)")
        self.assertEqual(self.entries("changed_by"), [("writer",), ("em",)])
        with self.assertRaisesRegex(AssertionError, "permission denied"):
            self.db.run_as("writer", "writes", "DELETE FROM extensions.audit_log")

    def drop_writer(self):
        self.db.run_as_admin("DROP OWNED BY writer; DROP ROLE writer")

    def test_a_partitioned_table(self):
        self.db.run("CREATE TABLE parts (id int) PARTITION BY RANGE (id); "
                    "CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM (0) TO (10)")
        self.install("1.0.0")
        instance = self.create("audit-log", table="parts", keep_days="1")
        self.db.run("INSERT INTO parts VALUES (1)")
        self.assertEqual(self.entries(), [(instance, "insert", {"id": 1})])
        self.succeed("upgrade", "audit-log")
        self.delete("audit-log", instance)
        self.succeed("uninstall", "audit-log", "--yes")
        self.assertNotIn("audit_log", "\n".join(self.db.dump()))

    def test_tables_without_the_right_to_make_triggers(self):
        self.db.run_as_admin("CREATE TABLE public.theirs (id int); "
                             "GRANT SELECT ON public.theirs TO em")
        self.install()
        error = self.refuse(1, *self.create_arguments("audit-log", table="theirs"))
        self.assertIn("permission denied", error)

    def test_a_lock_that_is_held_is_busy(self):
        self.install("1.0.0")
        login = self.db.owner
        process = subprocess.Popen(
            [self.db.program("psql"), "-qAtX"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=self.db.client_environment(login), text=True)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        process.stdin.write("BEGIN; LOCK TABLE extensions.audit_log IN ACCESS SHARE MODE; "
                            "SELECT 'locked';\n")
        process.stdin.flush()
        self.assertEqual(process.stdout.readline(), "locked\n")
        error = self.refuse(3, "upgrade", "audit-log", "--timeout", "1")
        self.assertNotIn(unquote(login.password), error)
        process.communicate("COMMIT;\n")
        self.succeed("upgrade", "audit-log")


if __name__ == "__main__":
    unittest.main()
