// SPDX-License-Identifier: MIT
/**
 * Types of a definition: those of `@exasol/extension-manager-interface`, and what libextmgr has
 * beside them. An `ExasolExtension` is an `Extension`.
 */
import type * as exasol from '@exasol/extension-manager-interface';

/* All of it, by its names; what follows here under the same name is the wider one. */
export type * from '@exasol/extension-manager-interface';

declare global {
	/** The sandbox's console; lines go to the log of the host. A wider one that is declared, too, is no conflict. */
	interface Console {
		log(...values: unknown[]): void;
		info(...values: unknown[]): void;
		debug(...values: unknown[]): void;
		warn(...values: unknown[]): void;
		error(...values: unknown[]): void;
	}
	var console: Console;
}

/** Where the functions of a definition find the database, the files and themselves. */
export interface Context extends exasol.Context {
	/** `exasol`, `postgresql`, `sqlite`, or what the host calls its database. */
	dialect: string;
	/** The same object as `bucketFs`. */
	files: exasol.BucketFs;
	/** The name as a quoted identifier of the dialect; throws when it is empty. */
	quoteIdentifier: (name: string) => string;
	/** The text as a literal of the dialect. */
	quoteLiteral: (text: string) => string;
}

/** What is in the database. The published interface speaks of `virtualSchemas`, which is never there. */
export interface ExaMetadata extends exasol.ExaMetadata {
	allVirtualSchemas: exasol.ExaVirtualSchemas;
}

/** A file that the extension needs beside its definition. */
export interface Artifact extends exasol.BucketFSUpload {
	/** 64 hexadecimal digits; the file must have this content. */
	sha256?: string;
}

/** What must be there before anything is installed. */
export interface Requirements {
	/** Dialects, of which the database must have one. */
	dialects?: string[];
	/** Versions of the server, such as `>=13 <18`; or such a range for each dialect. */
	server?: string | Record<string, string>;
	privileges?: ('create-schema' | 'create-table' | 'create-role' | 'superuser')[];
	/** Extensions of the database itself, such as `postgres_fdw`. */
	extensions?: string[];
	/** Other definitions that must be installed. */
	requires?: (string | {id: string, version?: string})[];
}

export type Operator =
	| 'EQ' | 'LESS' | 'GREATER' | 'LESS_EQUAL' | 'GREATER_EQ' | 0 | 1 | 2 | 3 | 4 | exasol.Operators;

export type Condition =
	| {parameter: string, operator: Operator, value: string | number}
	| {and: Condition[]}
	| {or: Condition[]}
	| {not: Condition};

interface ParameterBase {
	/** Without a dot: forms use it as a name. */
	id: string;
	name: string;
	description?: string;
	required?: boolean;
	/** While it does not hold, the parameter is hidden: neither required nor passed on. */
	condition?: Condition;
	/** Offered; never applied unasked. */
	default?: string;
	placeholder?: string;
	readOnly?: boolean;
	/** May not be changed by an update. */
	immutable?: boolean;
}

export interface StringParameter extends ParameterBase {
	type: 'string';
	/** Begin it with `^` and end it with `$`, or a part of the value is enough. Without flags. */
	regex?: string | RegExp;
	/** In characters. */
	minLength?: number;
	maxLength?: number;
	multiline?: boolean;
	/** Masked everywhere, and never read back. */
	secret?: boolean;
}

export interface BooleanParameter extends ParameterBase {
	type: 'boolean';
}

export interface SelectParameter extends ParameterBase {
	type: 'select';
	options: exasol.SelectOption[];
}

export interface NumberParameter extends ParameterBase {
	type: 'number' | 'integer';
	min?: number;
	max?: number;
}

export type Parameter =
	| StringParameter | BooleanParameter | SelectParameter | NumberParameter | exasol.Parameter;

/** What is wrong with values; name: the parameter to blame. */
export type Complaint = string | {message: string, name?: string};

/** A definition. What it does not have, it cannot do: all functions may be left out. */
export interface Extension {
	name: string;
	category?: string;
	description?: string;
	installableVersions: exasol.ExtensionVersion[];
	bucketFsUploads?: Artifact[];
	requirements?: Requirements;

	findInstallations?: (context: Context, metadata: ExaMetadata) => exasol.Installation[];
	install?: (context: Context, version: string) => void;
	uninstall?: (context: Context, version: string) => void;
	upgrade?: (context: Context) => exasol.UpgradeResult;

	getInstanceParameters?: (context: Context, version: string) => Parameter[];
	/** Of values that passed one by one: what is wrong with them together; nothing when all is well. */
	validate?: (parameters: exasol.ParameterValues) => Complaint | Complaint[] | null | undefined | void;
	addInstance?: (context: Context, version: string, parameters: exasol.ParameterValues)
		=> exasol.Instance;
	findInstances?: (context: Context, version: string) => exasol.Instance[];
	readInstanceParameterValues?: (context: Context, version: string, instanceId: string)
		=> exasol.ParameterValues;
	deleteInstance?: (context: Context, version: string, instanceId: string) => void;
	updateInstance?: (context: Context, version: string, instanceId: string,
		parameters: exasol.ParameterValues) => exasol.Instance | void;
	/** Instead of updateInstance: an instance may be deleted and created again in one transaction. */
	replaceable?: boolean;
	/** Called by an upgrade for each instance, behind upgrade(). */
	upgradeInstance?: (context: Context, instanceId: string, previousVersion: string,
		newVersion: string) => void;
	/** What is wrong with what is installed; nothing when all is well. */
	check?: (context: Context) => string[];
}

/** Hands the definition to the extension manager: the last thing that it does. */
export function register(extension: Extension): void;

/** An error whose message reaches the caller word for word, as an answer of that HTTP status. */
export function failure(status: number, message: string): Error & {status: number};
