module tencentcloud-kubernetes-ha/lab/mirror/images/probe

go 1.24
