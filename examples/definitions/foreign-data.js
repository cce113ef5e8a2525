// SPDX-License-Identifier: MIT
/*
 * foreign-data: reads tables of another PostgreSQL database as if they were here.
 *
 *   install    makes the wrapper postgres_fdw available, and a marker of the version
 *   instance   one schema of another database: a server, a user mapping with the password, and a
 *              local schema into which the remote tables are imported
 *   uninstall  drops the wrapper if it was made by install and nobody else uses it
 *
 * An instance is found by the comment on its server, so a server made by hand is never touched.
 * Deleting it refuses as long as something else stands on its tables or in its schema.
 *
 * CREATE EXTENSION postgres_fdw needs a superuser. For other roles an administrator runs once
 *   CREATE EXTENSION postgres_fdw;  GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO role;
 * and they may only reach servers that really ask for a password: a rule of postgres_fdw.
 */
// Generated from foreign-data.ts by extmgr-definition.
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
    // src/foreign-data.ts
    var NAME = "Foreign data";
    var VERSION = "1.0.0";
    var MARKER = "foreign_data_version";
    var COMMENT = "extension foreign-data: ";
    var CONNECT_TIMEOUT = "10";
    function checkVersion(version) {
        if (version !== VERSION) {
            throw failure(404, "Version '" + version + "' not supported, can only use '" + VERSION + "'.");
        }
    }
    function isSupported(context) {
        return context.dialect === "postgresql";
    }
    function checkDialect(context) {
        if (!isSupported(context)) {
            throw failure(412, "Foreign data works on PostgreSQL only, not on " + context.dialect);
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
    function optionList(context, options) {
        return "OPTIONS (" + Object.keys(options).filter(function(key) {
            return options[key] !== "";
        }).map(function(key) {
            return key + " " + context.quoteLiteral(options[key]);
        }).join(", ") + ")";
    }
    function hasWrapper(context) {
        return queryRows(context, "SELECT fdwname FROM pg_catalog.pg_foreign_data_wrapper WHERE fdwname = 'postgres_fdw'").length > 0;
    }
    function isSuperuser(context) {
        return queryRows(context, "SELECT rolname FROM pg_catalog.pg_roles WHERE rolname = current_user AND rolsuper").length > 0;
    }
    function grantText(context) {
        return "GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO " + context.quoteIdentifier(queryRows(context, "SELECT current_user")[0][0]);
    }
    function createWrapper(context) {
        var available = queryRows(context, "SELECT name FROM pg_catalog.pg_available_extensions WHERE name = 'postgres_fdw'");
        if (available.length === 0) {
            throw failure(412, "The server does not have postgres_fdw: an administrator must install PostgreSQL's additional modules (contrib)");
        }
        if (!isSuperuser(context)) {
            throw failure(412, "Only a superuser may create postgres_fdw: an administrator must run CREATE EXTENSION postgres_fdw; " + grantText(context));
        }
        context.sqlClient.execute("CREATE EXTENSION postgres_fdw SCHEMA " + context.quoteIdentifier(context.extensionSchemaName));
    }
    function checkUsage(context) {
        var usable = queryRows(context, "SELECT fdwname FROM pg_catalog.pg_foreign_data_wrapper WHERE fdwname = 'postgres_fdw' AND has_foreign_data_wrapper_privilege(fdwname, 'USAGE')");
        if (usable.length === 0) {
            throw failure(412, "The current user may not use postgres_fdw: an administrator must run " + grantText(context));
        }
    }
    function dropWrapper(context, wrapper) {
        var servers = queryRows(context, "SELECT s.srvname FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw WHERE w.fdwname = 'postgres_fdw'");
        if (wrapper !== "created") {
            return;
        }
        if (servers.length > 0) {
            console.warn("postgres_fdw stays: " + servers.length + " other server(s) use it");
            return;
        }
        context.sqlClient.execute("DROP EXTENSION IF EXISTS postgres_fdw");
    }
    function readMarker(context) {
        var tables;
        var rows;
        if (!isSupported(context)) {
            return null;
        }
        tables = queryRows(context, "SELECT c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ? AND c.relkind = 'r'", context.extensionSchemaName, MARKER);
        if (tables.length === 0) {
            return null;
        }
        rows = queryRows(context, "SELECT version, wrapper FROM " + qualify(context, MARKER));
        return rows.length === 1 ? {
            version: rows[0][0],
            wrapper: rows[0][1]
        } : null;
    }
    function findInstallations(context) {
        var marker = readMarker(context);
        return marker === null ? [] : [
            {
                name: NAME,
                version: marker.version
            }
        ];
    }
    function install(context, version) {
        var wrapper = "found";
        checkDialect(context);
        checkVersion(version);
        if (readMarker(context) !== null) {
            return;
        }
        if (!hasWrapper(context)) {
            createWrapper(context);
            wrapper = "created";
        }
        checkUsage(context);
        context.sqlClient.execute("CREATE TABLE " + qualify(context, MARKER) + " (version text NOT NULL, wrapper text NOT NULL)");
        context.sqlClient.execute("INSERT INTO " + qualify(context, MARKER) + " (version, wrapper) VALUES (?, ?)", version, wrapper);
    }
    function upgrade(context) {
        checkDialect(context);
        if (readMarker(context) === null) {
            throw failure(412, "Foreign data is not installed");
        }
        throw failure(412, "Extension is already installed in latest version " + VERSION);
    }
    function uninstall(context, version) {
        var marker = readMarker(context);
        var instances;
        checkVersion(version);
        if (marker === null) {
            return;
        }
        instances = findInstances(context, version);
        if (instances.length > 0) {
            throw failure(400, "Servers still exist: " + instances.map(function(instance) {
                return instance.name;
            }).join(", "));
        }
        context.sqlClient.execute("DROP TABLE " + qualify(context, MARKER));
        dropWrapper(context, marker.wrapper);
    }
    var PLAIN_NAME = "^[A-Za-z_][A-Za-z0-9_]{0,62}$";
    function getInstanceParameters(_context, version) {
        checkVersion(version);
        return [
            {
                id: "name",
                name: "Name",
                type: "string",
                required: true,
                regex: PLAIN_NAME,
                description: "Name of the new server object",
                placeholder: "sales"
            },
            {
                id: "host",
                name: "Host",
                type: "string",
                required: true,
                maxLength: 255,
                description: "Name or address of the other host, as seen from this database"
            },
            {
                id: "port",
                name: "Port",
                type: "integer",
                min: 1,
                max: 65535,
                default: "5432",
                description: "5432 when empty"
            },
            {
                id: "database",
                name: "Database",
                type: "string",
                required: true,
                maxLength: 63,
                description: "Name of the other database"
            },
            {
                id: "user",
                name: "User",
                type: "string",
                required: true,
                maxLength: 63,
                description: "Whom to log in as; give it the rights to read, and no more"
            },
            {
                id: "password",
                name: "Password",
                type: "string",
                secret: true,
                description: "Needed unless the current user is a superuser"
            },
            {
                id: "remote-schema",
                name: "Remote schema",
                type: "string",
                maxLength: 63,
                default: "public",
                description: "The schema whose tables are imported; public when empty"
            },
            {
                id: "local-schema",
                name: "Local schema",
                type: "string",
                regex: PLAIN_NAME,
                description: "A new schema for the imported tables; called as the server when empty"
            }
        ];
    }
    function readParameters(parameters) {
        var values = {};
        parameters.values.forEach(function(parameter) {
            values[parameter.name] = parameter.value;
        });
        return {
            name: values.name,
            host: values.host,
            port: values.port || "5432",
            database: values.database,
            user: values.user,
            password: values.password || "",
            remoteSchema: values["remote-schema"] || "public",
            localSchema: values["local-schema"] || values.name
        };
    }
    function requireInstalled(context) {
        checkDialect(context);
        if (readMarker(context) === null) {
            throw failure(404, "Foreign data is not installed");
        }
        checkUsage(context);
    }
    function checkNewInstance(context, values) {
        if (queryRows(context, "SELECT srvname FROM pg_catalog.pg_foreign_server WHERE srvname = ?", values.name).length > 0) {
            throw failure(400, "Server '" + values.name + "' already exists");
        }
        if (queryRows(context, "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = ?", values.localSchema).length > 0) {
            throw failure(400, "Schema '" + values.localSchema + "' already exists");
        }
        if (values.password === "" && !isSuperuser(context)) {
            throw failure(400, "A password is needed: without one only superusers may connect");
        }
    }
    function comment(context, values) {
        return COMMENT + JSON.stringify({
            version: VERSION,
            installation: context.extensionSchemaName,
            remoteSchema: values.remoteSchema,
            localSchema: values.localSchema
        });
    }
    function addInstance(context, version, parameters) {
        var values = readParameters(parameters);
        var server = context.quoteIdentifier(values.name);
        var schema = context.quoteIdentifier(values.localSchema);
        checkVersion(version);
        requireInstalled(context);
        checkNewInstance(context, values);
        context.sqlClient.execute("CREATE SERVER " + server + " FOREIGN DATA WRAPPER postgres_fdw " + optionList(context, {
            host: values.host,
            port: values.port,
            dbname: values.database,
            connect_timeout: CONNECT_TIMEOUT
        }));
        context.sqlClient.execute("COMMENT ON SERVER " + server + " IS " + context.quoteLiteral(comment(context, values)));
        context.sqlClient.execute("CREATE USER MAPPING FOR CURRENT_USER SERVER " + server + " " + optionList(context, {
            user: values.user,
            password: values.password
        }));
        context.sqlClient.execute("CREATE SCHEMA " + schema);
        context.sqlClient.execute("IMPORT FOREIGN SCHEMA " + context.quoteIdentifier(values.remoteSchema) + " FROM SERVER " + server + " INTO " + schema);
        return {
            id: values.name,
            name: values.name
        };
    }
    function parseComment(context, text) {
        var content;
        try {
            content = JSON.parse(text.slice(COMMENT.length));
        } catch (error) {
            return null;
        }
        return content && content.installation === context.extensionSchemaName ? content : null;
    }
    function readInstances(context, name) {
        var rows;
        var instances = [];
        if (readMarker(context) === null) {
            return [];
        }
        rows = queryRows(context, "SELECT srvname, obj_description(oid, 'pg_foreign_server') FROM pg_catalog.pg_foreign_server WHERE starts_with(obj_description(oid, 'pg_foreign_server'), ?) ORDER BY srvname", COMMENT);
        rows.forEach(function(row) {
            var content = parseComment(context, row[1]);
            if (content && (name === void 0 || name === row[0])) {
                instances.push({
                    name: row[0],
                    remoteSchema: content.remoteSchema,
                    localSchema: content.localSchema
                });
            }
        });
        return instances;
    }
    function findInstances(context, version) {
        checkVersion(version);
        return readInstances(context).map(function(instance) {
            return {
                id: instance.name,
                name: instance.name
            };
        });
    }
    function readUser(context, server) {
        var rows = queryRows(context, "SELECT o.option_value FROM pg_catalog.pg_user_mappings m, pg_options_to_table(m.umoptions) o WHERE m.srvname = ? AND m.usename = current_user AND o.option_name = 'user'", server);
        return rows.length === 0 ? "" : rows[0][0];
    }
    function readInstanceParameterValues(context, version, instanceId) {
        var options = {
            host: "",
            port: "",
            dbname: ""
        };
        var instance;
        checkVersion(version);
        instance = readInstances(context, instanceId)[0];
        if (!instance) {
            throw failure(404, "Server '" + instanceId + "' does not exist");
        }
        queryRows(context, "SELECT o.option_name, o.option_value FROM pg_catalog.pg_foreign_server s, pg_options_to_table(s.srvoptions) o WHERE s.srvname = ?", instance.name).forEach(function(row) {
            options[row[0]] = row[1];
        });
        return {
            values: [
                {
                    name: "name",
                    value: instance.name
                },
                {
                    name: "host",
                    value: options.host
                },
                {
                    name: "port",
                    value: options.port
                },
                {
                    name: "database",
                    value: options.dbname
                },
                {
                    name: "user",
                    value: readUser(context, instance.name)
                },
                {
                    name: "remote-schema",
                    value: instance.remoteSchema
                },
                {
                    name: "local-schema",
                    value: instance.localSchema
                }
            ]
        };
    }
    function findForeignObjects(context, instance) {
        return queryRows(context, "WITH server AS (SELECT oid FROM pg_catalog.pg_foreign_server WHERE srvname = ?), schema AS (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = ?), every_table AS (SELECT c.oid, c.reltype, c.relnamespace FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_class c ON c.oid = f.ftrelid WHERE f.ftserver IN (SELECT oid FROM server)), own_table AS (SELECT * FROM every_table WHERE relnamespace IN (SELECT oid FROM schema)) SELECT DISTINCT pg_describe_object(d.classid, d.objid, 0) FROM pg_catalog.pg_depend d WHERE d.deptype = 'n' AND NOT (d.classid = 'pg_class'::regclass AND d.objid IN (SELECT oid FROM own_table)) AND (d.refclassid = 'pg_namespace'::regclass AND d.refobjid IN (SELECT oid FROM schema) OR d.refclassid = 'pg_class'::regclass AND d.refobjid IN (SELECT oid FROM own_table) OR d.refclassid = 'pg_type'::regclass AND d.refobjid IN (SELECT reltype FROM own_table) OR d.refclassid = 'pg_foreign_server'::regclass AND d.classid = 'pg_class'::regclass AND d.refobjid IN (SELECT oid FROM server)) ORDER BY 1", instance.name, instance.localSchema).map(function(row) {
            return row[0];
        });
    }
    function deleteInstance(context, version, instanceId) {
        var instance;
        var others;
        checkVersion(version);
        instance = readInstances(context, instanceId)[0];
        if (!instance) {
            return;
        }
        others = findForeignObjects(context, instance);
        if (others.length > 0) {
            throw failure(409, "Server '" + instance.name + "' is in use, drop or move first: " + others.join(", "));
        }
        context.sqlClient.execute("DROP SERVER " + context.quoteIdentifier(instance.name) + " CASCADE");
        context.sqlClient.execute("DROP SCHEMA IF EXISTS " + context.quoteIdentifier(instance.localSchema));
    }
    register({
        name: NAME,
        category: "data access",
        description: "Reads tables of another PostgreSQL database",
        installableVersions: [
            {
                name: VERSION,
                latest: true,
                deprecated: false
            }
        ],
        bucketFsUploads: [],
        requirements: {
            dialects: [
                "postgresql"
            ]
        },
        findInstallations: findInstallations,
        install: install,
        upgrade: upgrade,
        uninstall: uninstall,
        getInstanceParameters: getInstanceParameters,
        addInstance: addInstance,
        findInstances: findInstances,
        readInstanceParameterValues: readInstanceParameterValues,
        deleteInstance: deleteInstance
    });
})();
