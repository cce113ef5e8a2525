// SPDX-License-Identifier: MIT
// A small adapter, as the published ones work: scripts, metadata, an instance.
(function () {
	var VERSION = "1.2.3";

	function qualify(context, name) {
		return '"' + context.extensionSchemaName + '"."' + name + '"';
	}

	global.installedExtension = {
		apiVersion: "0.2.0",
		extension: {
			name: "Adapter",
			category: "virtual-schema",
			description: "Grüße, 世界 🎉",
			installableVersions: [{ name: VERSION, latest: true, deprecated: false }, { name: "1.0.0" }],
			bucketFsUploads: [{ name: "Adapter", bucketFsFilename: "a.jar", fileSize: 3, extra: [1] }],
			install: function (context, version) {
				console.log("Installing %s in version %s", "Adapter", version);
				context.sqlClient.execute("CREATE JAVA ADAPTER SCRIPT " + qualify(context, "A") +
					" AS\n\t%jar " + context.bucketFs.resolvePath("a.jar") + ";");
				context.sqlClient.execute("COMMENT ON SCRIPT " + qualify(context, "A") + " IS 'x'");
			},
			findInstallations: function (context, metadata) {
				return metadata.allScripts.rows.filter(function (row) {
					return row.name === "A";
				}).map(function (row) {
					return { name: row.name, version: VERSION, row: row };
				}).concat(metadata.allVirtualSchemas.rows);
			},
			upgrade: function (context) {
				var script = context.metadata.getScriptByName("A");

				return { previousVersion: script.text, newVersion: VERSION,
					other: context.metadata.getScriptByName("OTHER"),
					none: context.metadata.getScriptByName("a"),
					bare: context.metadata.getScriptByName("BARE") };
			},
			addInstance: function (context, version, parameters) {
				parameters.values.forEach(function (p) {
					context.sqlClient.execute("INSERT INTO P VALUES (?, ?)", p.name, p.value);
				});
				return { id: "i-" + version, name: parameters.values[0].value };
			},
			findInstances: function (context, version) {
				var result = context.sqlClient.query("SELECT N FROM V WHERE A = ?", "x");

				return { columns: result.columns, rows: result.rows, length: result.rows.length };
			},
			deleteInstance: function (context, version, id) {
				context.sqlClient.execute("DROP VIRTUAL SCHEMA " + id);
				return undefined;
			},
			getInstanceParameters: function (context, version) {
				return [{ id: "p", name: "P", type: "string", regex: "^a", required: true }, version];
			}
		}
	};
})();
