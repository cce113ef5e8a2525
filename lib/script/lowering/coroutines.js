/* SPDX-License-Identifier: MIT */
/*
 * Generators and asynchronous functions become functions whose code the prelude runs in a coroutine
 * (see ../prelude/coroutines.js): what they are called with sets one up, yield and await are calls.
 */

function isCoroutine(node) {
	return isFunction(node) && (node.generator || node.async);
}

/* The parameters of a generator are set up when it is called, the rest is done later. */
function printBegin(node) {
	return node.generator ? [helper("begin", []), ";"] : "";
}

/* printed: the function with that code, which has no name. */
function printCoroutine(node, printed) {
	return helper(node.generator ? "generator" : "asynchronous", [printed]);
}

/* function* name() {} that uses its name: inside it is what was made, not what the coroutine runs. */
function printOwnNamed(node) {
	var binding = node.id.binding;
	var printed = printNamed(node, node.id.name);

	if (binding.references.length === 0)
		return printed;
	if (binding.isAssigned)
		refuse(node, "assignments to the name of a generator or asynchronous function in itself");
	return ["(function () {var ", binding.printed, " = ", printed, "; return ", binding.printed, ";})()"];
}

printers.YieldExpression = function (node) {
	return helper(node.delegate ? "delegate" : "yield", node.argument ? [printArgument(node.argument)] : []);
};

printers.AwaitExpression = function (node) {
	return helper("await", [printArgument(node.argument)]);
};
