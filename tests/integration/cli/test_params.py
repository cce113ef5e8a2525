# SPDX-License-Identifier: MIT
"""params schema, params validate and --defaults."""

import json
import unittest

from harness import SENTINEL, CommandLineTest

# Version 1 knows sizes, version 2 seats; the upgrade makes one of the other.
ROOMS = """
(function () {
    var seats = {small: 4, large: 40};
    function rows(context, sql) { return context.sqlClient.query(sql).rows; }
    function installed(context) {
        return rows(context, "SELECT 1 FROM sqlite_master WHERE name = 'room_version'").length > 0;
    }
    function named(parameters, name) {
        return parameters.values.filter(function (v) { return v.name === name; })
            .map(function (v) { return v.value; })[0];
    }
    global.installedExtension = {apiVersion: '0.2.0', extension: {
        name: 'Rooms', category: 'test', description: 'two versions', bucketFsUploads: [],
        installableVersions: [{name: '1.0.0', latest: false, deprecated: true},
                              {name: '2.0.0', latest: true, deprecated: false}],
        findInstallations: function (context) {
            return installed(context) ? rows(context, 'SELECT version FROM room_version').map(
                function (row) { return {name: 'Rooms', version: row[0]}; }) : [];
        },
        install: function (context, version) {
            context.sqlClient.execute('CREATE TABLE room_version (version TEXT)');
            context.sqlClient.execute('INSERT INTO room_version VALUES (?)', version);
            context.sqlClient.execute('CREATE TABLE room (title TEXT, detail TEXT)');
        },
        upgrade: function (context) {
            rows(context, 'SELECT title, detail FROM room').forEach(function (row) {
                context.sqlClient.execute('UPDATE room SET detail = ? WHERE title = ?',
                                          String(seats[row[1]]), row[0]);
            });
            context.sqlClient.execute("UPDATE room_version SET version = '2.0.0'");
            return {previousVersion: '1.0.0', newVersion: '2.0.0'};
        },
        getInstanceParameters: function (context, version) {
            if (version !== '1.0.0' && version !== '2.0.0') {
                throw {status: 404, message: 'there is no version ' + version};
            }
            return [{id: 'title', name: 'Title', type: 'string', required: true},
                version === '1.0.0' ? {id: 'size', name: 'Size', type: 'select', required: true,
                    options: [{id: 'small', name: 'Small'}, {id: 'large', name: 'Large'}]}
                    : {id: 'seats', name: 'Seats', type: 'integer', required: true, min: 1}];
        },
        addInstance: function (context, version, parameters) {
            var title = named(parameters, 'title');
            context.sqlClient.execute('INSERT INTO room VALUES (?, ?)', title,
                named(parameters, version === '1.0.0' ? 'size' : 'seats'));
            return {id: title, name: title};
        },
        findInstances: function (context) {
            return rows(context, 'SELECT title FROM room').map(function (row) {
                return {id: row[0], name: row[0]};
            });
        },
        readInstanceParameterValues: function (context, version, id) {
            var detail = context.sqlClient.query('SELECT detail FROM room WHERE title = ?', id);
            return {values: [{name: 'title', value: id},
                {name: version === '1.0.0' ? 'size' : 'seats', value: detail.rows[0][0]}]};
        }
    }};
}());
"""


class TwoVersions(CommandLineTest):
    """A definition whose versions have different parameters."""

    def setUp(self):
        super().setUp()
        self.write("registry/rooms.js", ROOMS)

    def values_of(self, name):
        document = self.succeed("--json", "instance", "show", "rooms", name).document()
        return {value["name"]: value["value"] for value in document["values"]}

    def test_each_version_has_parameters_of_its_own(self):
        for version, name in (("1.0.0", "size"), ("2.0.0", "seats")):
            schema = self.succeed("params", "schema", "rooms@" + version).document()
            self.assertEqual(list(schema["properties"]), ["title", name])
        self.succeed("params", "validate", "rooms@1.0.0", "--set", "title=a", "--set", "size=small")
        result = self.run_program("params", "validate", "rooms@2.0.0", "--set", "title=a",
                                  "--set", "size=small")
        self.assertEqual(result.code, 5)
        self.assertRegex(result.out, r"(?m)^seats +This is a required parameter\.$")
        self.assertRegex(result.out, r"(?m)^size +The parameter is unknown\.$")

    def test_a_version_that_the_definition_does_not_know(self):
        for command in ("schema", "validate"):
            error = self.fail_with(1, "params", command, "rooms@9", "--json").error()
            self.assertEqual([error[key] for key in ("httpStatus", "code", "message")],
                             [404, "EXTMGR_E_SCRIPT_STATUS", "there is no version 9"])
        self.assertIn("cannot read the parameters of 'rooms': there is no version 9\n",
                      self.fail_with(1, "params", "schema", "rooms@9").err)
        details = self.succeed("--json", "info", "rooms@9").document()
        self.assertEqual(details["parametersStatus"], 404)

    def test_an_upgrade_changes_what_instances_take(self):
        old = ("--set", "title=old", "--set", "size=large")
        new = ("--set", "title=new", "--set", "seats=7")
        self.succeed("install", "rooms@1.0.0")
        self.fail_with(5, "instance", "create", "rooms", *new)
        self.succeed("instance", "create", "rooms", *old)
        self.assertEqual(self.values_of("old"), {"title": "old", "size": "large"})
        self.succeed("upgrade", "rooms")
        self.assertEqual(self.values_of("old"), {"title": "old", "seats": "40"})
        self.fail_with(5, "instance", "create", "rooms", "--set", "title=x", "--set", "size=small")
        self.fail_with(5, "instance", "create", "rooms", "--set", "title=x", "--set", "seats=0")
        self.succeed("instance", "create", "rooms", *new)
        self.assertEqual(self.rows("SELECT title, detail FROM room ORDER BY title"),
                         [("new", "7"), ("old", "40")])


class Params(CommandLineTest):
    def setUp(self):
        super().setUp()
        self.provide("notes")

    def test_schema_has_a_property_for_each_parameter(self):
        schema = self.succeed("params", "schema", "notes").document()
        self.assertEqual(schema["$schema"], "https://json-schema.org/draft/2020-12/schema")
        self.assertEqual(list(schema["properties"]),
                         ["title", "color", "locked", "password", "body"])
        self.assertEqual(schema["properties"]["color"], {"title": "Color", "default": "red"})
        self.assertTrue(schema["properties"]["password"]["writeOnly"])
        self.assertFalse(schema["additionalProperties"])

    def test_valid_values_are_done(self):
        result = self.succeed("params", "validate", "notes", "--set", "title=board")
        self.assertEqual(result.out, "the values are valid\n")
        self.assertEqual(
            self.succeed("-q", "params", "validate", "notes", "--set", "title=board").out, "")

    def test_all_faults_are_told_and_nothing_is_created(self):
        values = self.write("values.json", json.dumps({"title": "NO", "color": "green"}))
        before = self.dump()
        result = self.run_program("params", "validate", "notes", "--values", values)
        self.assertEqual(result.code, 5)
        self.assertRegex(result.out, r"(?m)^title +The value has an invalid format\.$")
        self.assertRegex(result.out, r"(?m)^color +The value is not allowed\.")
        self.assertEqual(self.dump(), before)

    def test_report_as_json_is_there_with_faults_too(self):
        values = json.dumps({"title": "board", "locked": "true", "password": SENTINEL})
        valid = self.succeed("params", "validate", "notes", "--json", "--values", "-",
                             stdin=values)
        self.assertTrue(valid.document()["valid"])
        self.assertNotIn(SENTINEL, valid.out + valid.err)
        result = self.run_program("params", "validate", "notes", "--json")
        self.assertEqual(result.code, 5)
        self.assertEqual(result.document()["schema"], "extmgr.parameter-report/1")
        self.assertEqual(result.document()["failures"][0]["id"], "title")

    def test_secret_values_are_refused_in_arguments(self):
        self.fail_with(2, "params", "validate", "notes", "--set", "password=" + SENTINEL)

    def test_unknown_extension(self):
        self.fail_with(1, "params", "schema", "missing")
        self.fail_with(1, "params", "validate", "missing", "--json")
        self.fail_with(2, "params", "schema", "notes", "--set", "title=board")
        self.fail_with(2, "params")

    def test_defaults_are_applied_only_on_request(self):
        self.succeed("install", "notes")
        self.succeed("instance", "create", "notes", "--set", "title=without")
        self.succeed("instance", "create", "notes", "--set", "title=with", "--defaults")
        self.succeed("instance", "create", "notes", "--set", "title=given", "--set", "color=blue",
                     "--defaults")
        self.assertEqual(self.rows("SELECT title, color FROM notes_board ORDER BY id"),
                         [("without", None), ("with", "red"), ("given", "blue")])

    def test_no_database_is_needed(self):
        del self.environment["EXTMGR_DB"]
        self.assertIn("title", self.succeed("params", "schema", "notes").out)
        self.succeed("params", "validate", "notes", "--set", "title=board")
        self.assertEqual(self.run_program("params", "validate", "notes").code, 5)


OWN_RULES = """
var kept;
global.installedExtension = {apiVersion: '0.2.0', extension: {
    name: 'Own', category: 'test', description: 'own rules', bucketFsUploads: [],
    installableVersions: [{name: '1.0.0', latest: true, deprecated: false}],
    findInstallations: function () { return [{name: 'Own', version: '1.0.0'}]; },
    findInstances: function () { return [{id: 'i', name: 'i'}]; },
    getInstanceParameters: function (context) {
        kept = context;
        return [{id: 'low', name: 'Low', type: 'integer', required: true},
                {id: 'high', name: 'High', type: 'integer', required: true},
                {id: 'password', name: 'Password', type: 'string', secret: true}];
    },
    validate: function (parameters) {
        var values = {};
        parameters.values.forEach(function (v) { values[v.name] = v.value; });
        console.log('password ' + values.password);
        if (values.low === '13') { throw new Error('no ' + values.password); }
        if (values.low === '14') { kept.sqlClient.query('SELECT 1'); }
        if (values.low === '15') { return 'bad ' + values.password; }
        if (Number(values.low) > Number(values.high)) {
            return [{name: 'low', message: 'It is above High.'}, 'Nothing lies between.'];
        }
    },
    addInstance: function (context, version, parameters) {
        context.sqlClient.execute('CREATE TABLE own (x INTEGER)');
        return {id: 'i', name: 'i'};
    },
    updateInstance: function (context, version, id) {
        context.sqlClient.execute('CREATE TABLE updated (x INTEGER)');
    },
    readInstanceParameterValues: function () {
        return {values: [{name: 'low', value: '1'}, {name: 'high', value: '2'}]};
    }
}};
"""


class OwnValidation(CommandLineTest):
    """The definition's own validate() behind the rules."""

    FAULTS = ("Failed to validate parameter 'Low' (low): It is above High., "
              "Nothing lies between.")

    def setUp(self):
        super().setUp()
        self.write("registry/own.js", OWN_RULES)

    def check(self, low, high, *options, **values):
        document = json.dumps({"low": low, "high": high, **values})
        return self.run_program("params", "validate", "own", "--values", "-", *options,
                                stdin=document)

    def test_its_complaints_are_faults(self):
        self.assertEqual(self.check("1", "2").code, 0)
        result = self.check("3", "2")
        self.assertEqual(result.code, 5)
        self.assertRegex(result.out, r"(?m)^low +It is above High\.$")
        self.assertRegex(result.out, r"(?m)^- +Nothing lies between\.$")
        report = self.check("3", "2", "--json").document()
        self.assertEqual(report["failures"], [
            {"id": "low", "name": "Low", "message": "It is above High."},
            {"id": "", "name": "", "message": "Nothing lies between."}])
        self.assertEqual(report["message"], self.FAULTS)
        self.assertEqual(report["values"], [{"name": "high", "value": "2"}])
        # The rules come first.
        self.assertEqual([f["id"] for f in self.check("x", "2", "--json").document()["failures"]],
                         ["low"])

    def test_instances_are_refused_with_its_messages(self):
        before = self.dump()
        for command in (["create", "own"], ["update", "own", "i"]):
            result = self.fail_with(5, "instance", *command, "--set", "low=3", "--set", "high=2",
                                    "--json")
            error = json.loads(result.err.splitlines()[-1])
            self.assertEqual(error["code"], "EXTMGR_E_PARAMETERS_INVALID")
            self.assertEqual(error["httpStatus"], 400)
            self.assertIn("invalid parameters: " + self.FAULTS, result.err)
        self.assertEqual(self.dump(), before)
        self.succeed("instance", "create", "own", "--set", "low=1", "--set", "high=2")
        self.succeed("instance", "update", "own", "i", "--set", "high=3")

    def test_it_has_no_database_and_tells_no_secret(self):
        for with_database in (True, False):
            if not with_database:
                del self.environment["EXTMGR_DB"]
            for low, text in (("13", "withheld"), ("14", "there is no database here"),
                              ("15", "withheld")):
                result = self.check(low, "20", "-vv", password=SENTINEL)
                self.assertEqual(result.code, 5 if low == "15" else 1, result.err)
                self.assertIn(text, result.out + result.err)
                self.assertNotIn(SENTINEL, result.out + result.err)


if __name__ == "__main__":
    unittest.main()
