# shellcheck shell=sh
# Engine, Node.js and plugins of the bundle that is installed, and where state is kept unless something else is said.
export PATH="/opt/kubernetes-ha/current/engine:/opt/kubernetes-ha/current/node/bin:$PATH"
export PULUMI_HOME=/opt/kubernetes-ha/current/pulumi-home
export PULUMI_BACKEND_URL="${PULUMI_BACKEND_URL:-file:///var/lib/kubernetes-ha/state}"
# There is nowhere to ask and nowhere to download from: fail at once, not after retries.
export PULUMI_SKIP_UPDATE_CHECK=true PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true
