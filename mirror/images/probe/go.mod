module tencentcloud-kubernetes-ha/mirror/images/probe

go 1.24
