"""The whole public site as files that a server hands out without Python.

`gathering` asks the application for every public page, `places` says which file each becomes.
`links` makes links relative where that is wanted. `nginx` and `hosts` write the rules by which a
server answers as the application does: headers, redirects, what is not there. `releases` writes
the files, those that changed, and switches to them in one step.
"""
