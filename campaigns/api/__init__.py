"""The API of departments, the catalogue, campaigns, offers, collisions, detections and imports."""
