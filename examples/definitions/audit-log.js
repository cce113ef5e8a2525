// SPDX-License-Identifier: MIT
/*
 * audit-log: records changes of tables, on SQLite (3.38 or newer) and PostgreSQL (13 or newer).
 *
 *   install    makes the table audit_log, one for settings and a marker of the version
 *   instance   one audited table: triggers write each changed row into audit_log as JSON, and drop
 *              its entries that are older than keep-days
 *   upgrade    1.0.0 to 1.1.0: the row before an update is recorded too, on PostgreSQL also who
 *              changed it; what was recorded stays
 *   uninstall  drops everything, the recorded changes included
 *
 * Columns of audit_log: id, changed_at, table_name (the id of the instance), operation (insert,
 * update, delete), row_data (the row after the change; the lost one for delete); since 1.1.0
 * old_row (the row before an update) and, on PostgreSQL, changed_by.
 *
 * Good to know: SQLite fixes a table's columns in its triggers, so make the instance again after
 * ALTER TABLE ADD COLUMN; what INSERT OR REPLACE drops silently is not recorded there. On
 * PostgreSQL TRUNCATE is not recorded.
 */
// Generated from audit-log.ts by extmgr-definition.
"use strict";
function _array_like_to_array(arr, len) {
    if (len == null || len > arr.length) len = arr.length;
    for(var i = 0, arr2 = new Array(len); i < len; i++)arr2[i] = arr[i];
    return arr2;
}
function _array_without_holes(arr) {
    if (Array.isArray(arr)) return _array_like_to_array(arr);
}
function _iterable_to_array(iter) {
    if (typeof Symbol !== "undefined" && iter[Symbol.iterator] != null || iter["@@iterator"] != null) {
        return Array.from(iter);
    }
}
function _non_iterable_spread() {
    throw new TypeError("Invalid attempt to spread non-iterable instance.\nIn order to be iterable, non-array objects must have a [Symbol.iterator]() method.");
}
function _to_consumable_array(arr) {
    return _array_without_holes(arr) || _iterable_to_array(arr) || _unsupported_iterable_to_array(arr) || _non_iterable_spread();
}
function _unsupported_iterable_to_array(o, minLen) {
    if (!o) return;
    if (typeof o === "string") return _array_like_to_array(o, minLen);
    var n = Object.prototype.toString.call(o).slice(8, -1);
    if (n === "Object" && o.constructor) n = o.constructor.name;
    if (n === "Map" || n === "Set") return Array.from(o);
    if (n === "Arguments" || /^(?:Ui|I)nt(?:8|16|32)(?:Clamped)?Array$/.test(n)) return _array_like_to_array(o, minLen);
}
(function() {
    // kit/index.mjs
    var API_VERSION = "0.2.0";
    function register(extension) {
        global.installedExtension = {
            extension: extension,
            apiVersion: API_VERSION
        };
    }
    function failure(status, message) {
        var error = new Error(message);
        error.status = status;
        return error;
    }
    // src/audit-log/common.ts
    var NAME = "Audit log";
    var LATEST = "1.1.0";
    var VERSIONS = [
        "1.0.0",
        LATEST
    ];
    var LOG = "audit_log";
    var INSTANCE = "audit_log_instance";
    var VERSION = "audit_log_version";
    function checkVersion(version) {
        if (VERSIONS.indexOf(version) < 0) {
            throw failure(404, "Version '" + version + "' not supported, can only use '" + VERSIONS.join("', '") + "'.");
        }
    }
    function qualify(context, name) {
        return context.quoteIdentifier(context.extensionSchemaName) + "." + context.quoteIdentifier(name);
    }
    function queryRows(context, sql) {
        for(var _len = arguments.length, args = new Array(_len > 2 ? _len - 2 : 0), _key = 2; _key < _len; _key++){
            args[_key - 2] = arguments[_key];
        }
        var _context_sqlClient;
        return (_context_sqlClient = context.sqlClient).query.apply(_context_sqlClient, [
            sql
        ].concat(_to_consumable_array(args))).rows;
    }
    function quoteTable(context, table) {
        return context.quoteIdentifier(table.schema) + "." + context.quoteIdentifier(table.name);
    }
    // src/audit-log/postgresql.ts
    var RECORD = LOG + "_record";
    var PURGE = LOG + "_purge";
    function postgresqlHasTable(context, name) {
        return queryRows(context, "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'r'", context.extensionSchemaName, name).length > 0;
    }
    function postgresqlCreateLog(context) {
        context.sqlClient.execute("CREATE TABLE " + qualify(context, LOG) + " (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, changed_at timestamptz NOT NULL DEFAULT now(), table_name text NOT NULL, operation text NOT NULL, row_data jsonb NOT NULL)");
        context.sqlClient.execute("CREATE INDEX " + context.quoteIdentifier(LOG + "_by_time") + " ON " + qualify(context, LOG) + " (table_name, changed_at)");
    }
    function postgresqlUpgradeLog(context) {
        context.sqlClient.execute("ALTER TABLE " + qualify(context, LOG) + " ADD COLUMN old_row jsonb, ADD COLUMN changed_by text");
    }
    function postgresqlCreateFunction(context, name, body) {
        context.sqlClient.execute("CREATE OR REPLACE FUNCTION " + qualify(context, name) + "() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $body$ BEGIN " + body + " RETURN NULL; END $body$");
        context.sqlClient.execute("REVOKE ALL ON FUNCTION " + qualify(context, name) + "() FROM PUBLIC");
    }
    function postgresqlCreateFunctions(context, version) {
        var names = [
            "table_name",
            "operation",
            "row_data"
        ];
        var values = [
            "TG_ARGV[0]",
            "lower(TG_OP)",
            "CASE TG_OP WHEN 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END"
        ];
        if (version !== "1.0.0") {
            names.push("old_row", "changed_by");
            values.push("CASE TG_OP WHEN 'UPDATE' THEN to_jsonb(OLD) END", "session_user");
        }
        postgresqlCreateFunction(context, RECORD, "INSERT INTO " + qualify(context, LOG) + " (" + names.join(", ") + ") VALUES (" + values.join(", ") + ");");
        postgresqlCreateFunction(context, PURGE, "DELETE FROM " + qualify(context, LOG) + " WHERE id IN (SELECT id FROM " + qualify(context, LOG) + " WHERE table_name = TG_ARGV[0] AND changed_at < now() - make_interval(days => TG_ARGV[1]::integer) FOR UPDATE SKIP LOCKED);");
    }
    function postgresqlDropFunctions(context) {
        [
            RECORD,
            PURGE
        ].forEach(function(name) {
            context.sqlClient.execute("DROP FUNCTION IF EXISTS " + qualify(context, name) + "()");
        });
    }
    function postgresqlFindTable(context, parameters) {
        var sql = "SELECT n.nspname, c.relname, format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND ";
        var dot = parameters.table.indexOf(".");
        var rows;
        if (parameters.schema) {
            rows = queryRows(context, sql + "n.nspname = ? AND c.relname = ?", parameters.schema, parameters.table);
        } else if (dot > 0) {
            rows = queryRows(context, sql + "n.nspname = ? AND c.relname = ?", parameters.table.slice(0, dot), parameters.table.slice(dot + 1));
        } else {
            rows = queryRows(context, sql + "c.oid = to_regclass(quote_ident(?))", parameters.table);
        }
        if (rows.length === 0) {
            return null;
        }
        return {
            schema: rows[0][0],
            name: rows[0][1],
            id: rows[0][2]
        };
    }
    function postgresqlCreateTrigger(context, name, table, instance, calls) {
        context.sqlClient.execute("CREATE TRIGGER " + context.quoteIdentifier(name) + " AFTER " + instance.operations.join(" OR ").toUpperCase() + " ON " + quoteTable(context, table) + " " + calls);
    }
    function postgresqlCreateTriggers(context, version, instance, table) {
        var id = context.quoteLiteral(instance.id);
        postgresqlCreateTrigger(context, LOG + "_" + instance.key, table, instance, "FOR EACH ROW EXECUTE FUNCTION " + qualify(context, RECORD) + "(" + id + ")");
        if (instance.keepDays !== "") {
            postgresqlCreateTrigger(context, LOG + "_" + instance.key + "_purge", table, instance, "FOR EACH STATEMENT EXECUTE FUNCTION " + qualify(context, PURGE) + "(" + id + ", " + context.quoteLiteral(instance.keepDays) + ")");
        }
    }
    function postgresqlFindTriggers(context, instance) {
        return queryRows(context, "SELECT t.tgname, n.nspname, c.relname FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace WHERE s.nspname = ? AND t.tgname IN (?, ?) AND t.tgparentid = 0 ORDER BY 1", context.extensionSchemaName, LOG + "_" + instance.key, LOG + "_" + instance.key + "_purge");
    }
    function postgresqlDropTriggers(context, instance) {
        postgresqlFindTriggers(context, instance).forEach(function(row) {
            context.sqlClient.execute("DROP TRIGGER " + context.quoteIdentifier(row[0]) + " ON " + quoteTable(context, {
                schema: row[1],
                name: row[2]
            }));
        });
    }
    function postgresqlAuditedTable(context, instance) {
        var rows = postgresqlFindTriggers(context, instance);
        return rows.length === 0 ? null : {
            schema: rows[0][1],
            name: rows[0][2]
        };
    }
    function postgresqlCountTriggers(context, instance) {
        return queryRows(context, "SELECT t.tgname FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid JOIN pg_catalog.pg_namespace s ON s.oid = p.pronamespace WHERE s.nspname = ? AND t.tgname IN (?, ?) AND t.tgparentid = 0 AND t.tgenabled <> 'D'", context.extensionSchemaName, LOG + "_" + instance.key, LOG + "_" + instance.key + "_purge").length;
    }
    var postgresql = {
        hasTable: postgresqlHasTable,
        createLog: postgresqlCreateLog,
        upgradeLog: postgresqlUpgradeLog,
        createFunctions: postgresqlCreateFunctions,
        dropFunctions: postgresqlDropFunctions,
        findTable: postgresqlFindTable,
        createTriggers: postgresqlCreateTriggers,
        dropTriggers: postgresqlDropTriggers,
        auditedTable: postgresqlAuditedTable,
        /* The triggers call the functions by name: nothing to do, and no table to lock. */ upgradeTriggers: function upgradeTriggers() {},
        countTriggers: postgresqlCountTriggers,
        expectedTriggers: function expectedTriggers(instance) {
            return instance.keepDays === "" ? 1 : 2;
        }
    };
    // src/audit-log/sqlite.ts
    var SQLITE_NOW = "'%Y-%m-%dT%H:%M:%fZ', 'now'";
    function sqliteHasTable(context, name) {
        return queryRows(context, "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ?", name).length > 0;
    }
    function sqliteCreateLog(context) {
        context.sqlClient.execute("CREATE TABLE " + qualify(context, LOG) + " (id INTEGER PRIMARY KEY, changed_at TEXT NOT NULL DEFAULT (strftime(" + SQLITE_NOW + ")), table_name TEXT NOT NULL, operation TEXT NOT NULL, row_data TEXT NOT NULL)");
        context.sqlClient.execute("CREATE INDEX " + qualify(context, LOG + "_by_time") + " ON " + context.quoteIdentifier(LOG) + " (table_name, changed_at)");
    }
    function sqliteUpgradeLog(context) {
        context.sqlClient.execute("ALTER TABLE " + qualify(context, LOG) + " ADD COLUMN old_row TEXT");
    }
    function sqliteFindTable(context, parameters) {
        var rows;
        if (parameters.schema && parameters.schema !== "main") {
            throw failure(400, "SQLite has no schemas: leave the schema empty");
        }
        rows = queryRows(context, "SELECT name FROM sqlite_master WHERE type = 'table' AND name = ? COLLATE NOCASE AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%'", parameters.table);
        if (rows.length === 0) {
            return null;
        }
        return {
            schema: "main",
            name: rows[0][0],
            id: rows[0][0]
        };
    }
    function sqliteTriggerName(key, operation) {
        return LOG + "_" + key + "_" + operation;
    }
    function sqliteRowAsJson(context, row, columns) {
        var pairs = columns.map(function(column) {
            var value = row + "." + context.quoteIdentifier(column);
            return "(" + context.quoteLiteral(column) + ", CASE typeof(" + value + ") WHEN 'blob' THEN hex(" + value + ") ELSE " + value + " END)";
        });
        return "(SELECT json_group_object(column1, column2) FROM (VALUES " + pairs.join(", ") + "))";
    }
    function sqliteRecord(context, version, instance, operation, columns) {
        var row = operation === "delete" ? "OLD" : "NEW";
        var names = [
            "table_name",
            "operation",
            "row_data"
        ];
        var values = [
            context.quoteLiteral(instance.id),
            context.quoteLiteral(operation),
            sqliteRowAsJson(context, row, columns)
        ];
        if (version !== "1.0.0" && operation === "update") {
            names.push("old_row");
            values.push(sqliteRowAsJson(context, "OLD", columns));
        }
        return "INSERT INTO " + context.quoteIdentifier(LOG) + " (" + names.join(", ") + ") SELECT " + values.join(", ") + ";";
    }
    function sqlitePurge(context, instance) {
        if (instance.keepDays === "") {
            return "";
        }
        return " DELETE FROM " + context.quoteIdentifier(LOG) + " WHERE table_name = " + context.quoteLiteral(instance.id) + " AND changed_at < strftime(" + SQLITE_NOW + ", '-" + Number(instance.keepDays) + " days');";
    }
    function sqliteCreateTriggers(context, version, instance, table) {
        var columns = queryRows(context, "SELECT name FROM pragma_table_xinfo(?) WHERE hidden <> 1 ORDER BY cid", table.name).map(function(row) {
            return row[0];
        });
        instance.operations.forEach(function(operation) {
            context.sqlClient.execute("CREATE TRIGGER " + qualify(context, sqliteTriggerName(instance.key, operation)) + " AFTER " + operation.toUpperCase() + " ON " + context.quoteIdentifier(table.name) + " BEGIN " + sqliteRecord(context, version, instance, operation, columns) + sqlitePurge(context, instance) + " END");
        });
    }
    function sqliteDropTriggers(context, instance) {
        instance.operations.forEach(function(operation) {
            context.sqlClient.execute("DROP TRIGGER IF EXISTS " + qualify(context, sqliteTriggerName(instance.key, operation)));
        });
    }
    function sqliteAuditedTable(context, instance) {
        var rows = queryRows(context, "SELECT tbl_name FROM sqlite_master WHERE type = 'trigger' AND name = ?", sqliteTriggerName(instance.key, instance.operations[0]));
        return rows.length === 0 ? null : {
            schema: "main",
            name: rows[0][0]
        };
    }
    function sqliteUpgradeTriggers(context, version, instances) {
        instances.forEach(function(instance) {
            var table = sqliteAuditedTable(context, instance);
            if (!table) {
                console.warn("the audited table of instance " + instance.key + " is gone");
                return;
            }
            sqliteDropTriggers(context, instance);
            sqliteCreateTriggers(context, version, instance, table);
        });
    }
    function sqliteCountTriggers(context, instance) {
        var names = instance.operations.map(function(operation) {
            return context.quoteLiteral(sqliteTriggerName(instance.key, operation));
        });
        return queryRows(context, "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name IN (" + names.join(", ") + ")").length;
    }
    var sqlite = {
        hasTable: sqliteHasTable,
        createLog: sqliteCreateLog,
        upgradeLog: sqliteUpgradeLog,
        createFunctions: function createFunctions() {},
        dropFunctions: function dropFunctions() {},
        findTable: sqliteFindTable,
        createTriggers: sqliteCreateTriggers,
        dropTriggers: sqliteDropTriggers,
        auditedTable: sqliteAuditedTable,
        upgradeTriggers: sqliteUpgradeTriggers,
        countTriggers: sqliteCountTriggers,
        expectedTriggers: function expectedTriggers(instance) {
            return instance.operations.length;
        }
    };
    // src/audit-log.ts
    function isSupported(context) {
        return context.dialect === "sqlite" || context.dialect === "postgresql";
    }
    function dialectOf(context) {
        if (!isSupported(context)) {
            throw failure(412, "The audit log works on SQLite and PostgreSQL only, not on " + context.dialect);
        }
        return context.dialect === "sqlite" ? sqlite : postgresql;
    }
    function installedVersion(context) {
        if (!isSupported(context) || !dialectOf(context).hasTable(context, VERSION)) {
            return null;
        }
        var rows = queryRows(context, "SELECT version FROM " + qualify(context, VERSION));
        return rows.length === 1 ? rows[0][0] : null;
    }
    function requireInstalled(context, version) {
        var installed = installedVersion(context);
        if (installed === null) {
            throw failure(404, "The audit log is not installed");
        }
        if (installed !== version) {
            throw failure(412, "The audit log is installed in version '" + installed + "', not '" + version + "'");
        }
    }
    function readInstances(context, id) {
        if (installedVersion(context) === null) {
            return [];
        }
        var sql = "SELECT key, id, table_schema, table_name, operations, keep_days FROM " + qualify(context, INSTANCE);
        var rows = id === void 0 ? queryRows(context, sql + " ORDER BY id") : queryRows(context, sql + " WHERE id = ?", id);
        return rows.map(function(row) {
            return {
                key: row[0],
                id: row[1],
                schema: row[2],
                name: row[3],
                operations: readOperations(row[4]),
                keepDays: row[5]
            };
        });
    }
    function readOperations(text) {
        return (text || "insert,update,delete").split(",");
    }
    function readParameters(parameters) {
        var values = {
            table: "",
            schema: "",
            operations: "",
            "keep-days": ""
        };
        parameters.values.forEach(function(param) {
            var name = param.name, value = param.value;
            values[name] = value;
        });
        return values;
    }
    function isOwnTable(context, table) {
        return table.schema === context.extensionSchemaName && [
            LOG,
            INSTANCE,
            VERSION
        ].indexOf(table.name) >= 0;
    }
    function upgradeTo110(context) {
        dialectOf(context).upgradeLog(context);
        context.sqlClient.execute("UPDATE " + qualify(context, VERSION) + " SET version = ?", LATEST);
    }
    function findInstallations(context) {
        var version = installedVersion(context);
        return version === null ? [] : [
            {
                name: NAME,
                version: version
            }
        ];
    }
    function install(context, version) {
        var dialect = dialectOf(context);
        checkVersion(version);
        var installed = installedVersion(context);
        if (installed === version) {
            return;
        }
        if (installed !== null) {
            throw failure(412, "The audit log is already installed in version '" + installed + "'");
        }
        dialect.createLog(context);
        context.sqlClient.execute("CREATE TABLE " + qualify(context, INSTANCE) + " (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, table_schema TEXT NOT NULL, table_name TEXT NOT NULL, operations TEXT NOT NULL, keep_days TEXT NOT NULL)");
        context.sqlClient.execute("CREATE TABLE " + qualify(context, VERSION) + " (version TEXT NOT NULL)");
        context.sqlClient.execute("INSERT INTO " + qualify(context, VERSION) + " (version) VALUES (?)", "1.0.0");
        if (version !== "1.0.0") {
            upgradeTo110(context);
        }
        dialect.createFunctions(context, version);
    }
    function upgrade(context) {
        var dialect = dialectOf(context);
        var installed = installedVersion(context);
        if (installed === null) {
            throw failure(412, "The audit log is not installed");
        }
        if (installed === LATEST) {
            throw failure(412, "Extension is already installed in latest version " + LATEST);
        }
        upgradeTo110(context);
        dialect.createFunctions(context, LATEST);
        dialect.upgradeTriggers(context, LATEST, readInstances(context));
        return {
            previousVersion: installed,
            newVersion: LATEST
        };
    }
    function uninstall(context, version) {
        checkVersion(version);
        if (installedVersion(context) === null) {
            return;
        }
        var instances = readInstances(context);
        if (instances.length > 0) {
            throw failure(400, "Tables are still audited: " + instances.map(function(instance) {
                return instance.id;
            }).join(", "));
        }
        dialectOf(context).dropFunctions(context);
        [
            LOG,
            INSTANCE,
            VERSION
        ].forEach(function(name) {
            context.sqlClient.execute("DROP TABLE " + qualify(context, name));
        });
    }
    function getInstanceParameters(_context, version) {
        checkVersion(version);
        return [
            {
                id: "table",
                name: "Table",
                type: "string",
                required: true,
                maxLength: 255,
                immutable: true,
                description: 'The table to audit. On PostgreSQL "schema.table", or a table of the search path.',
                placeholder: "orders"
            },
            {
                id: "schema",
                name: "Schema",
                type: "string",
                maxLength: 255,
                immutable: true,
                description: "PostgreSQL: the schema of the table. With a schema the name of the table may hold a dot."
            },
            {
                id: "operations",
                name: "Operations",
                type: "select",
                description: "Which changes are recorded; all of them when empty.",
                default: "insert,update,delete",
                options: [
                    {
                        id: "insert,update,delete",
                        name: "All changes"
                    },
                    {
                        id: "insert",
                        name: "Inserts"
                    },
                    {
                        id: "update",
                        name: "Updates"
                    },
                    {
                        id: "delete",
                        name: "Deletes"
                    },
                    {
                        id: "insert,update",
                        name: "Inserts and updates"
                    },
                    {
                        id: "insert,delete",
                        name: "Inserts and deletes"
                    },
                    {
                        id: "update,delete",
                        name: "Updates and deletes"
                    }
                ]
            },
            {
                id: "keep-days",
                name: "Days to keep",
                type: "string",
                regex: "^\\d{1,5}$",
                description: "Older entries of the table are dropped at its next change; kept for ever when empty.",
                placeholder: "90"
            }
        ];
    }
    function addInstance(context, version, parameters) {
        var values = readParameters(parameters);
        var dialect = dialectOf(context);
        checkVersion(version);
        requireInstalled(context, version);
        var table = dialect.findTable(context, values);
        if (table === null) {
            throw failure(400, "Table '" + values.table + "' does not exist");
        }
        if (isOwnTable(context, table)) {
            throw failure(400, "Table '" + table.id + "' belongs to the audit log itself");
        }
        if (readInstances(context, table.id).length > 0) {
            throw failure(400, "Table '" + table.id + "' is already audited");
        }
        var instance = {
            key: queryRows(context, "SELECT coalesce(max(key), 0) + 1 FROM " + qualify(context, INSTANCE))[0][0],
            id: table.id,
            operations: readOperations(values.operations),
            keepDays: values["keep-days"]
        };
        context.sqlClient.execute("INSERT INTO " + qualify(context, INSTANCE) + " (key, id, table_schema, table_name, operations, keep_days) VALUES (?, ?, ?, ?, ?, ?)", instance.key, instance.id, table.schema, table.name, instance.operations.join(","), instance.keepDays);
        dialect.createTriggers(context, version, instance, table);
        return {
            id: instance.id,
            name: instance.id
        };
    }
    function findInstances(context, version) {
        checkVersion(version);
        return readInstances(context).map(function(instance) {
            return {
                id: instance.id,
                name: instance.id
            };
        });
    }
    function readInstanceParameterValues(context, version, instanceId) {
        checkVersion(version);
        var instances = readInstances(context, instanceId);
        if (instances.length === 0) {
            throw failure(404, "Table '" + instanceId + "' is not audited");
        }
        return {
            values: [
                {
                    name: "table",
                    value: instances[0].name
                },
                {
                    name: "schema",
                    value: instances[0].schema
                },
                {
                    name: "operations",
                    value: instances[0].operations.join(",")
                },
                {
                    name: "keep-days",
                    value: instances[0].keepDays
                }
            ]
        };
    }
    function updateInstance(context, version, instanceId, parameters) {
        var values = readParameters(parameters);
        var dialect = dialectOf(context);
        checkVersion(version);
        requireInstalled(context, version);
        var instance = readInstances(context, instanceId)[0];
        var table = instance ? dialect.auditedTable(context, instance) : null;
        if (table === null) {
            throw failure(412, "The audited table '" + instanceId + "' is gone");
        }
        dialect.dropTriggers(context, instance);
        instance.operations = readOperations(values.operations);
        instance.keepDays = values["keep-days"];
        context.sqlClient.execute("UPDATE " + qualify(context, INSTANCE) + " SET operations = ?, keep_days = ? WHERE id = ?", instance.operations.join(","), instance.keepDays, instance.id);
        dialect.createTriggers(context, version, instance, table);
    }
    function deleteInstance(context, version, instanceId) {
        checkVersion(version);
        readInstances(context, instanceId).forEach(function(instance) {
            dialectOf(context).dropTriggers(context, instance);
            context.sqlClient.execute("DELETE FROM " + qualify(context, INSTANCE) + " WHERE id = ?", instance.id);
        });
    }
    function check(context) {
        if (installedVersion(context) === null) {
            return [
                "the table " + VERSION + " is gone"
            ];
        }
        return readInstances(context).filter(function(instance) {
            return dialectOf(context).countTriggers(context, instance) < dialectOf(context).expectedTriggers(instance);
        }).map(function(instance) {
            return "table '" + instance.id + "' is no longer recorded: its triggers are gone or disabled; delete the instance and create it again";
        });
    }
    register({
        name: NAME,
        category: "auditing",
        description: "Records inserts, updates and deletes of tables, row by row",
        installableVersions: [
            {
                name: LATEST,
                latest: true,
                deprecated: false
            },
            {
                name: "1.0.0",
                latest: false,
                deprecated: false
            }
        ],
        bucketFsUploads: [],
        findInstallations: findInstallations,
        install: install,
        upgrade: upgrade,
        uninstall: uninstall,
        getInstanceParameters: getInstanceParameters,
        addInstance: addInstance,
        findInstances: findInstances,
        readInstanceParameterValues: readInstanceParameterValues,
        updateInstance: updateInstance,
        deleteInstance: deleteInstance,
        check: check
    });
})();
