// SPDX-License-Identifier: MIT
// Statements with arguments of every kind, answers and their order, errors that are caught.
global.installedExtension = {
	apiVersion: "0.2.0",
	extension: {
		install: function (context) {
			var sql = context.sqlClient;

			sql.execute("A ?", 1, -1.5, 0, -0, 9007199254740992, 1e300, "t", "", true, false, null, undefined);
			sql.query("A\n\t? \"ü🎉\"", "a\u0000b\r\n");
			sql.execute("COMMIT");
			return [sql.query("nothing matches"), sql.query("first"), sql.query("FIRST"), sql.query("first"),
				sql.query("second"), sql.query("unnamed"), sql.query("no rows"), sql.execute("first")];
		},
		uninstall: function (context) {
			var seen = [];

			["query", "execute"].forEach(function (kind) {
				try {
					context.sqlClient[kind]("fails", 1);
				} catch (error) {
					seen.push(error instanceof Error, error.name, error.message, error.status);
				}
			});
			context.sqlClient.execute("goes on");
			return seen;
		},
		upgrade: function (context) {
			context.sqlClient.execute("fails");
		},
		findInstances: function (context) {
			return [NaN, Infinity, {}, [], function () {}].map(function (argument) {
				try {
					return context.sqlClient.query("A ?", 1, argument);
				} catch (error) {
					return error.name + ": " + error.message;
				}
			});
		},
		addInstance: function (context, sql) {
			context.sqlClient.execute(sql);
		},
		deleteInstance: function (context, name) {
			return [context.files.resolvePath("b.jar"), context.bucketFs.resolvePath(name)];
		},
		findInstallations: function (context, metadata, first) {
			return { dialect: context.dialect, schema: context.extensionSchemaName, tables: metadata, first: first,
				keys: Object.keys(Object.assign({}, context)).indexOf("sqlClient") >= 0 };
		}
	}
};
