/**
 * @generated SignedSource<<3fbbb4c7d9d9450b6dcf8219ae383895>>
 * @lightSyntaxTransform
 */

/* eslint-disable */

'use strict';

var node = {
  "argumentDefinitions": [],
  "kind": "Fragment",
  "metadata": null,
  "name": "appPlace",
  "selections": [
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "code",
      "storageKey": null
    },
    {
      "alias": null,
      "args": null,
      "kind": "ScalarField",
      "name": "name",
      "storageKey": null
    }
  ],
  "type": "Place",
  "abstractKey": "__isPlace"
};

node.hash = "2a55dba1df177bb3883ed0712cca20d6";

module.exports = node;
