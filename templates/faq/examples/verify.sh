curl -fsS {{ document_url }} | sha256sum
