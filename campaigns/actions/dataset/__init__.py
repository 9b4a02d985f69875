"""How a dataset folder is read, checked and written; campaigns.actions.import_dataset puts the steps in order."""
