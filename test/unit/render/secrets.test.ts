import { renderAuditPolicy, renderEncryptionConfiguration } from "../../../components/render";

const key = (name: string, fill: number) => ({
  name,
  secret: Buffer.alloc(32, fill).toString("base64"),
});

test("the first key writes, the others still read, and so does what was never encrypted", () => {
  expect(renderEncryptionConfiguration([key("new", 1), key("old", 2)])).toMatchInlineSnapshot(`
    "apiVersion: apiserver.config.k8s.io/v1
    kind: EncryptionConfiguration
    resources:
      - resources:
          - secrets
        providers:
          - secretbox:
              keys:
                - name: new
                  secret: AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=
                - name: old
                  secret: AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=
          - identity: {}
    "
  `);
});

test("no key, or one of the wrong size, is refused without showing it", () => {
  expect(() => renderEncryptionConfiguration([])).toThrow("encryption needs a key: got none");
  const short = { name: "k", secret: Buffer.alloc(16).toString("base64") };
  expect(() => renderEncryptionConfiguration([short])).toThrow(
    'encryption key "k" needs 32 bytes in base64: got 16 bytes',
  );
});

test("the audit policy logs no body of anything but changes of rights", () => {
  const policy = renderAuditPolicy();
  expect(policy).not.toContain("RequestResponse");
  expect(policy.match(/level: Request$/gm)).toHaveLength(1);
  expect(policy).toMatchInlineSnapshot(`
    "apiVersion: audit.k8s.io/v1
    kind: Policy
    omitStages:
      - RequestReceived
    rules:
      - level: None
        nonResourceURLs:
          - /healthz*
          - /livez*
          - /readyz*
          - /version
          - /openapi*
      - level: None
        resources:
          - group: ""
            resources:
              - events
          - group: events.k8s.io
            resources:
              - events
      - level: Metadata
        resources:
          - group: ""
            resources:
              - secrets
      - level: None
        verbs:
          - get
          - list
          - watch
        userGroups:
          - system:nodes
          - system:serviceaccounts:kube-system
      - level: None
        users:
          - system:kube-controller-manager
          - system:kube-scheduler
          - system:apiserver
        resources:
          - group: coordination.k8s.io
            resources:
              - leases
      - level: None
        userGroups:
          - system:nodes
        resources:
          - group: coordination.k8s.io
            resources:
              - leases
      - level: Request
        verbs:
          - create
          - update
          - patch
          - delete
          - deletecollection
        resources:
          - group: rbac.authorization.k8s.io
      - level: Metadata
    "
  `);
});
