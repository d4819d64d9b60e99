"""The staff console at /staff: people who keep the knowledge right sign in, edit, try, check, publish and undo.

Everything it does is a change of files in the knowledge folder; its database holds accounts, drafts, history, counts.
"""
